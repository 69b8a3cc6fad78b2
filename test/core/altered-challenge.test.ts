/** Somebody may write to the table of challenges, and may ask for logins like everybody else. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryChallenges } from '../../functions/adapters/memory.ts'
import type { Challenge } from '../../functions/core/challenge.ts'
import { confirmAddress, disputeChange, requestAddress } from '../../functions/core/registration.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const ALICE = 'EM00000001'
const BOB = 'EM00000002'
const UNANSWERED = { guessMac: '-', guessedBy: '-', attempts: 0 }

let rows = memoryChallenges()
let world: World
beforeEach(async () => {
  rows = memoryChallenges()
  const settings = { 'selfservice.url': 'https://otp.example.org/self' }
  world = createWorld({ challenges: rows, settings })
  await world.enrol(await world.addUser('alice'), { serial: ALICE })
  await world.enrol(await world.addUser('bob'), { serial: BOB })
})

const row = async (transactionId: string, serial = ALICE) =>
  (await rows.get(transactionId, serial))!
const alter = async (transactionId: string, changes: Partial<Challenge>, serial = ALICE) =>
  rows.put({ ...(await row(transactionId, serial)), ...changes })
const answer = (transactionId: string, pass: string, user = 'alice') =>
  world.check({ user, transactionId, pass })
const told = () => world.lines.filter(({ message }) => message === 'challenge altered')

describe('X28: a challenge that was altered by hand', () => {
  it('takes no code that was not mailed for it, though a guess has left its MAC there', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const chosen = otherThan(otp)
    expect(await answer(transactionId, chosen)).toMatchObject({ reason: 'wrong' })
    const { guessMac } = await row(transactionId)
    await alter(transactionId, { ...UNANSWERED, otpMac: guessMac })
    expect(await answer(transactionId, chosen)).toMatchObject({
      ...{ outcome: 'rejected', reason: 'altered' },
    })
    expect(told()).toEqual([
      expect.objectContaining({ level: 'error', transaction_id: transactionId, serial: ALICE }),
    ])
    expect(JSON.stringify(world.lines)).not.toContain(chosen)
  })

  it('does not look answered to the next one who says the same code', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await answer(transactionId, otherThan(otp))
    const { guessMac } = await row(transactionId)
    await alter(transactionId, { otpMac: guessMac })
    expect(await answer(transactionId, otherThan(otp))).toMatchObject({ reason: 'altered' })
  })

  it('counts such an answer as a wrong one', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await alter(transactionId, { seal: 'another' })
    await answer(transactionId, otp)
    expect((await world.account('alice')).wrong).toHaveLength(1)
  })

  it('takes neither the answer of another challenge nor of another user', async () => {
    const first = await world.triggered('alice')
    const other = await world.triggered('bob')
    const second = await world.triggered('alice')
    for (const { otpMac, seal } of [
      await row(first.transactionId),
      await row(other.transactionId, BOB),
    ]) {
      await alter(second.transactionId, { ...UNANSWERED, otpMac: otpMac!, seal: seal! })
      for (const { otp } of [first, other, second]) {
        expect(await answer(second.transactionId, otp)).toMatchObject({ outcome: 'rejected' })
      }
    }
  })

  it('is not answered where it was copied to', async () => {
    const alice = await world.triggered('alice')
    const bob = await world.triggered('bob')
    const copy = await row(alice.transactionId)
    await rows.put({ ...copy, transactionId: bob.transactionId, serial: BOB })
    expect(await answer(bob.transactionId, alice.otp, 'bob')).toMatchObject({ outcome: 'rejected' })
    expect(await answer(bob.transactionId, bob.otp, 'bob')).toMatchObject({ outcome: 'rejected' })
  })

  it('lives no longer than its account says', async () => {
    const { transactionId, otp, expiresAt } = await world.triggered('alice')
    await alter(transactionId, { expiresAt: expiresAt + 3_600_000 })
    world.advance(expiresAt - world.now())
    expect(await answer(transactionId, otp)).toMatchObject({ reason: 'closed' })
  })

  it.each<[string, Partial<Challenge>]>([
    ['counter', { counter: 7 }],
    ['expiry', { expiresAt: Date.UTC(2027, 0, 1) }],
    ['length', { digits: 10 }],
    ['application', { application: 'portal' }],
    ['mailbox', { dynamicAddress: true }],
    ['client', { clientIp: '10.0.0.1' }],
    ['program', { userAgent: 'portal/1.0' }],
    ['language', { language: 'de' }],
    ['text', { text: 'call 0900 123' }],
    ['moment', { createdAt: Date.UTC(2026, 0, 1) }],
  ])('before its mail went out, in its %s, has none', async (_, changes) => {
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    const outcome = await world.check({ user: 'alice', pass: '1234' })
    if (outcome.outcome !== 'challenged') throw new Error('not challenged')
    await alter(outcome.issued[0]!.transactionId, changes)
    await outbox.send([])
    expect(world.mails).toEqual([])
    expect(told()).toEqual([expect.objectContaining({ level: 'error', serial: ALICE })])
  })

  it('is mailed where the account noted no digest of it: it was made by an older version', async () => {
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    await world.check({ user: 'alice', pass: '1234' })
    const account = await world.account('alice')
    const open = account.open.map(({ mail: _mail, ...older }) => older)
    await world.ports.accounts.save(account, { ...account, open })
    await outbox.send([])
    expect(world.mails).toHaveLength(1)
  })

  it('before its mail went out, in its account, has no mail sent to the other one', async () => {
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    const outcome = await world.check({ user: 'alice', pass: '1234' })
    if (outcome.outcome !== 'challenged') throw new Error('not challenged')
    const { transactionId } = outcome.issued[0]!
    await alter(transactionId, { account: (await world.account('bob')).key })
    await outbox.send([])
    expect(world.mails).toEqual([])
  })

  it('is answered once more by the code that was mailed for it if its answer was wiped out', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    expect(await answer(transactionId, otp)).toMatchObject({ outcome: 'accepted' })
    await alter(transactionId, UNANSWERED)
    expect(await answer(transactionId, otherThan(otp))).toMatchObject({ outcome: 'rejected' })
    expect(await answer(transactionId, otp)).toMatchObject({ outcome: 'accepted' })
  })
})

/** Both take a code that was said before for the same answer said again. */
describe('X28: a challenge about an address that was altered by hand', () => {
  const NEW = 'new@example.net'
  const CALLER = { clientIp: '192.0.2.1' }
  const mailTo = (address: string) => world.mails.findLast(({ to }) => to === address)!
  async function requested() {
    const account = await world.account('alice')
    const result = await requestAddress(world.ports, account, NEW, { by: 'self', caller: CALLER })
    if (!result.requested) throw new Error(result.message)
    return { account: result.account, transactionId: result.pending.transactionId }
  }
  const confirm = async (transactionId: string, code: string, nonce = crypto.randomUUID()) =>
    confirmAddress(world.ports, await world.account('alice'), {
      ...{ transactionId, code, nonce, caller: CALLER },
    })

  it('before its mail went out has none', async () => {
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    const { transactionId, account } = await requested()
    const { serial } = account.open.at(-1)!
    await alter(transactionId, { language: 'de' }, serial)
    await outbox.send([])
    expect(world.mails).toEqual([])
    expect(told()).toHaveLength(1)
  })

  it('is not confirmed by a code that looks said before', async () => {
    const { account, transactionId } = await requested()
    const code = /^\d{6}$/m.exec(mailTo(NEW).text)![0]
    const { serial } = account.open.at(-1)!
    expect(await confirm(transactionId, otherThan(code))).toMatchObject({ confirmed: false })
    const { guessMac } = await row(transactionId, serial)
    await alter(transactionId, { otpMac: guessMac }, serial)
    expect(await confirm(transactionId, otherThan(code))).toMatchObject({ confirmed: false })
    expect((await world.account('alice')).email).toBe('alice@example.org')
  })

  it('disputes nothing by a code of its own, nor the change of another account', async () => {
    const { transactionId } = await requested()
    await confirm(transactionId, /^\d{6}$/m.exec(mailTo(NEW).text)![0])
    const { text } = mailTo('alice@example.org')
    const [reference] = /\d{20}/.exec(text)!
    const [code] = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(text)!
    const serial = (await rows.list(reference))[0]!.serial
    const says = (typed: string) =>
      disputeChange(world.ports, reference, typed, crypto.randomUUID())
    const chosen = 'ABCD-EFGH-JKLM-NPQR'
    expect(await says(chosen)).toEqual({ disputed: false })
    const { guessMac, otpMac, account } = await row(reference, serial)
    await alter(reference, { otpMac: guessMac }, serial)
    expect(await says(chosen)).toEqual({ disputed: false })
    const bob = (await world.account('bob')).key
    await alter(reference, { ...UNANSWERED, otpMac: otpMac!, account: bob }, serial)
    expect(await says(code)).toEqual({ disputed: false })
    await alter(reference, { ...UNANSWERED, account }, serial)
    expect(await says(code)).toMatchObject({ disputed: true })
  })
})
