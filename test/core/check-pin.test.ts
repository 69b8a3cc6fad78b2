import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Rejected, trigger } from '../../functions/core/authenticate.ts'
import { setPin } from '../../functions/core/manage-tokens.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
})

const reason = async (pass: string) =>
  ((await world.check({ user: 'alice', pass })) as Rejected).reason as string | undefined
const pinFailures = async () => (await world.account('alice')).pinFailures
/** Wrong PINs, one after the other. */
async function mistype(times: number) {
  for (let time = 0; time < times; time++) expect(await reason('9999')).toBe('wrong_pin')
}
/** How often each reason was given. */
function tally(reasons: (string | undefined)[]) {
  const counts: Record<string, number> = {}
  for (const one of reasons) counts[one ?? 'none'] = (counts[one ?? 'none'] ?? 0) + 1
  return counts
}

describe('wrong PINs', () => {
  it('cost nothing five times, then a delay that doubles', async () => {
    await mistype(5)
    for (const seconds of [20, 40, 80, 160, 300, 300]) {
      world.advance(seconds * 1000 - 1)
      expect(await reason('9999')).toBe('pin_delayed')
      world.advance(1)
      expect(await reason('9999')).toBe('wrong_pin')
    }
  })

  it('are not looked at during the delay, and do not lengthen it', async () => {
    await mistype(5)
    for (let time = 0; time < 50; time++) await reason('9999')
    expect(await pinFailures()).toBe(5)
    world.advance(20_000)
    expect(await reason('9999')).toBe('wrong_pin')
  })

  it('delay the right one, which is taken afterwards', async () => {
    await mistype(5)
    expect(await reason('1234')).toBe('pin_delayed')
    expect(world.mails).toEqual([])
    world.advance(20_000)
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('are forgotten after the right one', async () => {
    await mistype(4)
    await world.triggered('alice')
    expect(await pinFailures()).toBe(0)
    await mistype(5)
  })

  it('are forgotten after PIN and code in one', async () => {
    const { otp } = await world.triggered('alice')
    await mistype(3)
    expect(await reason(`1234${otp}`)).toBeUndefined()
    expect(await pinFailures()).toBe(0)
  })

  it('are not forgotten by a code alone: it shows no PIN', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await mistype(3)
    await world.check({ user: 'alice', transactionId, pass: otp })
    expect(await pinFailures()).toBe(3)
  })

  it('never lock: five minutes are the longest delay', async () => {
    await mistype(5)
    for (let time = 0; time < 10; time++) {
      world.advance(300_000)
      expect(await reason('9999')).toBe('wrong_pin')
    }
    world.advance(300_000)
    expect(await reason('1234')).toBeUndefined()
  })

  it('do not keep out somebody who has a code already', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await mistype(5)
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('cost no guess and no failure of the token', async () => {
    await mistype(5)
    const { wrong, consecutive, tokens } = await world.account('alice')
    expect({ wrong, consecutive, failcount: tokens.EMALICE!.failcount }).toEqual({
      wrong: [],
      consecutive: 0,
      failcount: 0,
    })
  })
})

describe('from a network where the right PIN came from before', () => {
  const from = (clientIp: string, pass: string) =>
    world.check({ user: 'alice', pass, caller: { clientIp } })
  const [HOME, NEIGHBOUR, STRANGER] = ['192.0.2.7', '192.0.2.200', '198.51.100.1']
  beforeEach(async () => void (await from(HOME, '1234')))

  it('the owner gets in while strangers use up all other looks', async () => {
    for (let tries = 0; tries < 20; tries++) await from(STRANGER, '9999')
    expect(await from(STRANGER, '1234')).toMatchObject({ reason: 'pin_delayed' })
    expect(await from(NEIGHBOUR, '1234')).toMatchObject({ outcome: 'challenged' })
    expect(await from(STRANGER, '1234')).toMatchObject({ reason: 'pin_delayed' })
  })

  it('wrong PINs are delayed as well, and by themselves', async () => {
    for (let tries = 0; tries < 5; tries++) {
      expect(await from(HOME, '9999')).toMatchObject({ reason: 'wrong_pin' })
    }
    expect(await from(HOME, '1234')).toMatchObject({ reason: 'pin_delayed' })
    expect(await from(STRANGER, '9999')).toMatchObject({ reason: 'wrong_pin' })
    world.advance(20_000)
    expect(await from(HOME, '1234')).toMatchObject({ outcome: 'challenged' })
  })

  it('are no more looks for who was never right there', async () => {
    for (let tries = 0; tries < 5; tries++) await from('203.0.113.9', '9999')
    for (const address of [STRANGER, '2001:db8::1', '']) {
      expect(await from(address, '1234')).toMatchObject({ reason: 'pin_delayed' })
    }
  })

  it('cannot be told from what is stored', async () => {
    expect(JSON.stringify((await world.account('alice')).known)).not.toContain('192.0.2')
  })

  it('keeps the newest five', async () => {
    for (let net = 1; net <= 5; net++) await from(`203.0.${net}.1`, '1234')
    for (let tries = 0; tries < 5; tries++) await from(STRANGER, '9999')
    expect(await from(HOME, '1234')).toMatchObject({ reason: 'pin_delayed' })
    world.set({ 'mail.per_hour': '0', 'mail.per_day': '0' })
    expect(await from('203.0.1.1', '1234')).toMatchObject({ outcome: 'challenged' })
  })
})

describe('PINs tried in parallel', () => {
  const burst = (passes: string[]) => Promise.all(passes.map(reason))
  const wrongOnes = (count: number) => Array.from({ length: count }, (_, pin) => `w${pin}`)

  it('are told no more than one after the other', async () => {
    expect(tally(await burst(wrongOnes(20)))).toEqual({ wrong_pin: 5, pin_delayed: 15 })
    expect(await pinFailures()).toBe(5)
  })

  it('do not show the right one among too many', async () => {
    const reasons = await burst([...wrongOnes(20), '1234'])
    expect(reasons.at(-1)).toBe('pin_delayed')
    expect(world.mails).toEqual([])
  })

  it('do not show it by the mail limit, either', async () => {
    world.set({ 'mail.per_hour': '1' })
    await world.triggered('alice')
    expect(await reason('1234')).toBe('mail_limit')
    expect((await burst([...wrongOnes(20), '1234'])).at(-1)).toBe('pin_delayed')
  })

  it('do not show it by a code that is wrong', async () => {
    const { otp } = await world.triggered('alice')
    const reasons = await burst([...wrongOnes(20), `1234${otherThan(otp)}`])
    expect(reasons.at(-1)).toBe('pin_delayed')
  })
})

describe('PIN and code in one', () => {
  it('a wrong code behind the right PIN costs a guess, a failure and a try', async () => {
    const { otp } = await world.triggered('alice')
    expect(await reason(`1234${otherThan(otp)}`)).toBe('wrong_otp')
    const account = await world.account('alice')
    expect(account).toMatchObject({ wrong: [world.now()], consecutive: 1, pinFailures: 1 })
    expect(account.tokens.EMALICE!.failcount).toBe(1)
  })

  it('the right code behind a wrong PIN costs no guess', async () => {
    const { otp } = await world.triggered('alice')
    expect(await reason(`9999${otp}`)).toBe('wrong_pin')
    expect((await world.account('alice')).wrong).toEqual([])
    expect(await world.check({ user: 'alice', pass: `1234${otp}` })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('the PIN stays wrong where there is no challenge to answer', async () => {
    expect(await reason('1234000000')).toBe('wrong_otp')
    expect((await world.account('alice')).wrong).toEqual([])
  })

  it('tries the newest open challenge only', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    const older = await world.triggered('alice')
    const newer = await world.triggered('alice')
    expect(await reason(`1234${older.otp}`)).toBe('wrong_otp')
    expect(await reason(`1234${newer.otp}`)).toBeUndefined()
  })

  it('passes over challenges that were answered', async () => {
    world.set({ 'email.concurrent_challenges': 'true' })
    const older = await world.triggered('alice')
    const newer = await world.triggered('alice')
    expect(await reason(`1234${newer.otp}`)).toBeUndefined()
    expect(await reason(`1234${older.otp}`)).toBeUndefined()
    expect(await reason(`1234${newer.otp}`)).toBe('previous_otp')
  })
})

describe('what counts as a PIN', () => {
  const usePin = async (pin: string) =>
    setPin(world.ports, await world.account('alice'), 'EMALICE', pin)

  it.each([
    ['four digits', '1234'],
    ['as many digits as a code', '123456'],
    ['more digits than a code', '12345678901234'],
    ['words and digits', 'pass phrase 2026'],
    ['one digit', '0'],
    ['500 letters', 'x'.repeat(500)],
  ])('may be %s', async (_what, pin) => {
    await usePin(pin)
    const { otp } = await world.triggered('alice', pin)
    expect(await reason(`${pin}${otherThan(otp)}`)).toBe('wrong_otp')
    expect(await reason(`${pin}${otp}`)).toBeUndefined()
  })

  it('is the same however its letters are composed', async () => {
    await usePin('Zoë-Ångström'.normalize('NFD'))
    const { otp } = await world.triggered('alice', 'Zoë-Ångström'.normalize('NFC'))
    const composed = 'Zoë-Ångström'.normalize('NFD') + otp
    expect(await reason(composed)).toBeUndefined()
  })

  it('is told apart from its look-alikes', async () => {
    await usePin('Pin')
    for (const other of ['pin', 'PIN', 'Pin ', ' Pin', 'Pın']) {
      expect(await reason(other)).toMatch(/wrong_pin|pin_delayed/)
    }
  })

  it('is not a code in other digits', async () => {
    const { otp } = await world.triggered('alice')
    const fullWidth = [...otp].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')
    expect(await reason(`1234${fullWidth}`)).toBe('wrong_pin')
  })

  it('is the empty one where none is set', async () => {
    await usePin('')
    const { otp } = await world.triggered('alice', '')
    expect(await reason('anything')).toBe('wrong_pin')
    expect(await reason(otp)).toBeUndefined()
  })

  it('that is empty costs its guesser nothing, and delays nobody', async () => {
    await usePin('')
    for (let time = 0; time < 20; time++) expect(await reason('wrong')).toBe('wrong_pin')
    await world.triggered('alice', '')
  })
})

describe('a token without a PIN beside one with a PIN', () => {
  beforeEach(async () => {
    const account = await world.account('alice')
    await world.enrol(account, { serial: 'EMOPEN', pin: '', email: 'open@example.org' })
  })

  it('does not give its neighbour more tries', async () => {
    await mistype(4)
    await world.triggered('alice', '')
    expect(world.mails.at(-1)!.to).toBe('open@example.org')
    expect(await pinFailures()).toBe(4)
  })

  it('is chosen by no PIN, and its neighbour by its own', async () => {
    await world.triggered('alice', '1234')
    expect(world.mails.map(({ to }) => to)).toEqual(['alice@example.org'])
  })
})

describe('a token without a PIN beside one whose PIN looks like a code', () => {
  it('does not make tries at that PIN free', async () => {
    const account = await world.account('alice')
    await world.enrol(account, { serial: 'EMOPEN', pin: '', email: 'open@example.org' })
    for (let tries = 0; tries < 5; tries++) expect(await reason('000000')).toBe('wrong_otp')
    expect(await reason('000000')).toBe('pin_delayed')
  })
})

describe('strangers', () => {
  const carolsFailcount = async () => (await world.account('carol')).tokens.EMOPEN!.failcount
  beforeEach(async () => {
    await world.enrol(await world.addUser('carol'), { serial: 'EMOPEN', pin: '' })
  })

  it.each([
    ['no challenge is open', async () => undefined],
    ['one is open', async () => world.triggered('carol', '')],
  ])('cannot lock a token without a PIN while %s', async (_when, prepare) => {
    await prepare()
    for (let attempt = 0; attempt < 12; attempt++) {
      expect(await world.check({ user: 'carol', pass: '000000' })).toMatchObject({
        reason: 'wrong_otp',
      })
    }
    expect(await carolsFailcount()).toBe(0)
    expect(await world.check({ user: 'carol', pass: '' })).toMatchObject({ outcome: 'challenged' })
  })
})

describe('answers of strangers to challenges that they had made', () => {
  it('cost the account its guesses, and never lock the token without a PIN', async () => {
    await world.enrol(await world.addUser('carol'), { serial: 'EMOPEN', pin: '' })
    for (let round = 0; round < 4; round++) {
      const { transactionId, otp } = await world.triggered('carol', '')
      for (let guess = 0; guess < 5; guess++) {
        const pass = otherThan(otp)
        await world.check({ user: 'carol', transactionId, pass })
      }
      world.advance(180_000)
    }
    const { tokens, wrong } = await world.account('carol')
    expect(tokens.EMOPEN!.failcount).toBe(0)
    expect(wrong.length).toBeGreaterThan(10)
  })

  it('count for a token whose challenge an administrator had made', async () => {
    await world.enrol(await world.addUser('carol'), { serial: 'EMOPEN', pin: '' })
    const made = await trigger(world.ports, { user: 'carol' })
    if (made.outcome !== 'challenged') throw new Error(made.outcome)
    const { transactionId } = made.issued[0]!
    await world.check({ user: 'carol', transactionId, pass: otherThan(world.lastCode()) })
    expect((await world.account('carol')).tokens.EMOPEN!.failcount).toBe(1)
  })
})

it('charges every evaluated code, however many writers are at the account', async () => {
  const { otp } = await world.triggered('alice')
  const { save } = world.ports.accounts
  world.ports.accounts.save = async (before) => ({
    saved: false,
    current: await world.ports.accounts.get(before.key),
  })
  await expect(reason(`1234${otherThan(otp)}`)).rejects.toThrow('writers came first')
  world.ports.accounts.save = save
  expect((await world.account('alice')).wrong).toHaveLength(1)
})
