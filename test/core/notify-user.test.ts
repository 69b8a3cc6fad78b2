import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Caller } from '../../functions/core/caller.ts'
import { requestAddress, confirmAddress } from '../../functions/core/registration.ts'
import { changePin } from '../../functions/core/self/change-pin.ts'
import { enrolOwnToken } from '../../functions/core/self/enrol-own.ts'
import { enrolAndTell, setPinAndTell, tellOfPins } from '../../functions/core/told-changes.ts'
import { passwordHash, updateUser } from '../../functions/core/users.ts'
import { remoteDirectory, STAFF } from '../support/directory.ts'
import { authentication, policy } from '../support/policies.ts'
import { codeIn, createWorld, type World } from '../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const OFFICE = { 'providers/office': JSON.stringify({ kind: 'ses', sender: 'office@example.org' }) }
const told = (action: string, members = {}) => policy('notification', action, members, 'tell')
const ALL = told('enrollment=email::office, setPin=email::office, autoenrollment=email::office')
const ADMIN: Caller = { clientIp: '10.0.0.1', userAgent: 'console' }

let world: World
let senders: (string | undefined)[]
beforeEach(async () => {
  senders = []
  world = createWorld({ settings: { ...OFFICE, ...ALL } })
  world.mailServer((_mail, provider) => {
    senders.push(provider)
    return { sent: true, reply: '250 ok' }
  })
  await world.addUser('alice')
})

const enrol = async (more = {}, caller = ADMIN) =>
  enrolAndTell(
    world.ports,
    { account: await world.account('alice'), serial: 'EM1', pin: 'S3cret-PIN', ...more },
    caller,
  )
const setPin = async (pin = 'S3cret-PIN') =>
  setPinAndTell(world.ports, await world.account('alice'), 'EM1', pin, ADMIN)

const dropped = () => world.lines.filter(({ message }) => message === 'notice not sent')

describe('X26 a user is told', () => {
  it('of a token that was enrolled for them, and where its codes go', async () => {
    await enrol({ email: 'mallory@evil.example' })
    const [mail, ...others] = world.mails
    expect(others).toEqual([])
    expect(mail).toMatchObject({ to: 'alice@example.org', from: 'office@example.org' })
    expect(mail!.subject).toBe('A new token for your account')
    for (const part of [mail!.text, mail!.html!]) {
      expect(part).toContain('EM1')
      expect(part).toContain('2026-11-21, 12:00:00 UTC')
      expect(part).toMatch(/go to ma\*+@/)
      expect(part).not.toMatch(/S3cret-PIN|mallory@evil/)
    }
    expect(senders).toEqual(['office'])
    expect(mail!.reference).toMatchObject({ kind: 'token_notice', serial: '@notice' })
  })

  it('of a token that mails nothing, without a mailbox', async () => {
    await enrol({ type: 'spass' })
    expect(world.mails[0]!.text).toContain('the token EM1 can be used to sign in')
  })

  it('that a PIN was set, or removed', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EM1' })
    await setPin()
    await setPin('')
    expect(world.mails.map(({ to, subject }) => [to, subject])).toEqual([
      ['alice@example.org', 'Your PIN was changed'],
      ['alice@example.org', 'Your PIN was changed'],
    ])
    for (const { text, html } of world.mails) expect(text + html).not.toContain('S3cret-PIN')
  })

  it('once of several PINs', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EM1' })
    await world.enrol(await world.account('alice'), { serial: 'EM2' })
    const account = await world.account('alice')
    const both = ['EM1', 'EM2'].map((serial) => ({ account, serial }))
    await tellOfPins(world.ports, both, ADMIN)
    expect(world.mails.map(({ text }) => text)).toEqual([
      expect.stringContaining('The PIN of the token EM1, EM2 was changed'),
    ])
  })

  it('of what they do in the self-service themselves', async () => {
    const caller = { clientIp: '192.0.2.1', language: 'de' }
    const own = await enrolOwnToken(world.ports, await world.account('alice'), {
      ...{ pin: 'first', caller },
    })
    expect(own.enrolled).toBe(true)
    await changePin(world.ports, await world.account('alice'), {
      ...{ old: 'first', new: 'second', caller },
    })
    expect(world.mails.map(({ subject }) => subject)).toEqual([
      'Ein neues Token für Ihr Benutzerkonto',
      'Ihre PIN wurde geändert',
    ])
    expect(world.mails.map(({ text }) => text).join()).not.toMatch(/first|second/)
  })

  it('of the token that came with a first address', async () => {
    await world.addUser('bob', '')
    const caller = { clientIp: '192.0.2.1' }
    const by = 'self' as const
    const account = await world.account('bob')
    const asked = await requestAddress(world.ports, account, 'bob@example.com', { by, caller })
    if (!asked.requested) throw new Error(asked.message)
    const { transactionId } = asked.pending
    const proof = { transactionId, code: world.lastCode(), nonce: 'n', caller, pin: 'S3cret-PIN' }
    const confirmed = await confirmAddress(world.ports, await world.account('bob'), proof)
    expect(confirmed).toMatchObject({ confirmed: true })
    expect(world.mails.at(-1)).toMatchObject({ to: 'bob@example.com' })
    expect(world.mails.at(-1)!.subject).toBe('A new token for your account')
  })

  it('of the PIN they had to choose while logging in', async () => {
    world.set(authentication('change_pin_via_validate'))
    await world.enrol(await world.account('alice'), { changePin: true })
    const { transactionId, otp } = await world.triggered('alice')
    let id = transactionId
    for (const pass of [otp, 'mine', 'mine']) {
      const step = await world.check({ user: 'alice', pass, transactionId: id })
      if ('transactionId' in step && step.transactionId) id = step.transactionId
    }
    expect(world.mails.at(-1)!.subject).toBe('Your PIN was changed')
  })

  it('of the address they added while logging in, at the one their directory has', async () => {
    world.set(authentication('enroll_via_multichallenge=EMAIL'))
    const account = await world.account('alice')
    await world.enrol(account, { type: 'spass', pin: 'spass', serial: 'SP1' })
    const step = await world.check({ user: 'alice', pass: 'spass' })
    if (step.outcome !== 'asked') throw new Error(JSON.stringify(step))
    const typed = { user: 'alice', pass: 'mallory@typed.com', transactionId: step.transactionId }
    const sent = await world.check(typed)
    if (sent.outcome !== 'challenged') throw new Error(JSON.stringify(sent))
    const { transactionId } = sent.issued[0]!
    expect(world.mails.map(({ to }) => to)).toEqual(['mallory@typed.com'])
    const answer = { user: 'alice', pass: world.lastCode(), transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
    expect(world.mails.at(-1)).toMatchObject({
      ...{ to: 'alice@example.org', subject: 'A new token for your account' },
    })
  })

  it('once of a token by password that has to be proven first', async () => {
    world.set(policy('enrollment', 'autoenrollment=email, verify_enrollment=email', {}, 'auto'))
    const password = await passwordHash(world.ports, 'alicepw')
    await updateUser(world.ports, 'demo', 'alice', { password: password! })
    const outcome = await world.check({ user: 'alice', pass: 'alicepw' })
    if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
    const { transactionId } = outcome.issued[0]!
    const answer = { user: 'alice', pass: codeIn(world.mails[0]!), transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
    expect(world.mails).toHaveLength(2)
  })

  it('that their password brought them a token', async () => {
    world.set(policy('enrollment', 'autoenrollment=email', {}, 'auto'))
    const password = await passwordHash(world.ports, 'alicepw')
    await updateUser(world.ports, 'demo', 'alice', { password: password! })
    const { transactionId, otp } = await (async () => {
      const outcome = await world.check({ user: 'alice', pass: 'alicepw' })
      if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
      return { ...outcome.issued[0]!, otp: codeIn(world.mails[0]!) }
    })()
    expect(world.mails.map(({ subject }) => subject)).toEqual([
      'Your OTP',
      'From now on you sign in with a code',
    ])
    const { text, html } = world.mails[1]!
    expect(text + html).not.toMatch(new RegExp(`alicepw|${otp}`))
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('in their own language, and never in that of an administrator', async () => {
    await updateUser(world.ports, 'demo', 'alice', { locale: 'zh-CN' })
    await enrol({}, { ...ADMIN, language: 'de' })
    expect(world.mails[0]!.subject).toBe('您的账号新增了令牌')
  })

  it('with whom to turn to, where the settings know', async () => {
    world.set({ 'selfservice.contact': 'it@example.org' })
    await enrol()
    expect(world.mails[0]!.text).toContain('tell it@example.org at once')
  })

  it('at the address their directory has by then', async () => {
    const directory = remoteDirectory()
    world.ports.remoteUsers = directory.remoteUsers
    world.deliverPorts.remoteUsers = directory.remoteUsers
    world.set(STAFF)
    await world.addUser('erin', 'old@example.com', 'staff')
    await updateUser(world.ports, 'staff', 'erin', { resolver: 'ad' })
    directory.put('erin', ['new@example.com'])
    const account = await world.account('erin', 'staff')
    await enrolAndTell(world.ports, { account, pin: '1' }, ADMIN)
    expect(world.mails.map(({ to }) => to)).toEqual(['new@example.com'])
  })
})

describe('X26 nobody is told', () => {
  it.each([
    ['without a policy', told('setPin=email::office')],
    ['by a policy for others', told('enrollment=email::office', { user: 'bob' })],
    ['by a policy for other clients', told('enrollment=email::office', { client: '192.0.2.0/24' })],
  ])('%s, and nothing is written', async (_, settings) => {
    world.set(settings)
    const result = await enrol()
    expect(result.enrolled).toBe(true)
    expect([world.mails, dropped()]).toEqual([[], []])
    expect((await world.account('alice')).mails).toEqual({})
  })

  it('of a token that is nobody’s', async () => {
    await enrolAndTell(world.ports, { serial: 'EM9', email: 'x@example.org' }, ADMIN)
    expect(world.mails).toEqual([])
  })

  it('of what was refused', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EM1' })
    const mallory = await world.addUser('mallory')
    const taken = await enrolAndTell(world.ports, { account: mallory, serial: 'EM1' }, ADMIN)
    expect(taken.enrolled).toBe(false)
    expect(await setPinAndTell(world.ports, mallory, 'EM1', 'x', ADMIN)).toBe(false)
    expect(world.mails).toEqual([])
  })

  it('who has no address, and the log says so', async () => {
    await world.addUser('bob', '')
    const account = await world.account('bob')
    const made = { account, type: 'spass', pin: 'long enough' } as const
    expect((await enrolAndTell(world.ports, made, ADMIN)).enrolled).toBe(true)
    expect(dropped()).toMatchObject([{ user: 'bob', reason: 'user does not have an email' }])
  })

  it('at an address that takes no mail, and the log says so', async () => {
    const account = await world.account('alice')
    const undeliverable = { 'alice@example.org': { at: 0, why: 'bounce' as const, words: '550' } }
    await world.ports.accounts.save(account, { ...account, undeliverable })
    expect((await enrol()).enrolled).toBe(true)
    expect(world.mails).toEqual([])
    expect(dropped()).toMatchObject([{ reason: 'undeliverable' }])
  })

  it('while policies contradict each other, and the log names them', async () => {
    world.set(policy('notification', 'enrollment=email', {}, 'other'))
    expect((await enrol()).enrolled).toBe(true)
    expect(world.mails).toEqual([])
    expect(dropped()).toMatchObject([{ reason: 'other and tell contradict each other' }])
  })
})

describe('X26 a provider that does not exist', () => {
  it('yields to the one that sends without a policy, and the log says so', async () => {
    world.set(told('enrollment=email::gone'))
    await enrol()
    expect(senders).toEqual([undefined])
    expect(world.lines).toContainEqual(
      expect.objectContaining({
        ...{ level: 'warn', message: 'no such provider', missing: ['gone'] },
        ...{ policies: ['tell'], fallback: 'the default sends the notice' },
      }),
    )
  })

  it('yields to the next of the list', async () => {
    world.set(told('enrollment=email::gone email::office'))
    await enrol()
    expect(senders).toEqual(['office'])
  })

  it('is not asked for where none is named', async () => {
    world.set({ ...told('enrollment=email'), 'email.identifier': 'office' })
    await enrol()
    expect(senders).toEqual(['office'])
  })

  it('may have been removed since', async () => {
    const { outbox } = world.ports
    world.ports.outbox = { send: async (references) => void world.waiting.push(...references) }
    await enrol()
    world.ports.outbox = outbox
    world.set({ 'providers/office': '' })
    await world.deliverAll()
    expect(senders).toEqual([undefined])
  })
})

describe('X26 a notice', () => {
  it('is written at the first try where nobody came in between', async () => {
    const { save } = world.ports.accounts
    const tries: boolean[] = []
    world.ports.accounts.save = async (before, after) => {
      const saved = await save(before, after)
      tries.push(saved.saved)
      return saved
    }
    await enrol()
    world.set(policy('enrollment', 'autoenrollment=email', {}, 'auto'))
    await world.addUser('bob')
    const password = (await passwordHash(world.ports, 'bobpw'))!
    await updateUser(world.ports, 'demo', 'bob', { password })
    expect(await world.check({ user: 'bob', pass: 'bobpw' })).toMatchObject({
      outcome: 'challenged',
    })
    world.set(policy('enrollment', 'verify_enrollment=email', {}, 'verify'))
    await world.addUser('carol')
    await updateUser(world.ports, 'demo', 'carol', { password })
    const asked = await world.check({ user: 'carol', pass: 'bobpw' })
    if (asked.outcome !== 'challenged') throw new Error(JSON.stringify(asked))
    const { transactionId } = asked.issued[0]!
    const answer = { user: 'carol', pass: world.lastCode(), transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted' })
    expect(world.mails.filter(({ reference }) => reference?.kind === 'token_notice')).toHaveLength(
      3,
    )
    expect(tries).not.toContain(false)
  })

  it('never fails the act', async () => {
    world.ports.outbox = { send: () => Promise.reject(new Error('queue gone')) }
    expect((await enrol()).enrolled).toBe(true)
    const { save } = world.ports.accounts
    world.ports.accounts.save = async (before, after) => {
      world.ports.accounts.save = () => Promise.reject(new Error('table gone'))
      return save(before, after)
    }
    expect(await setPin()).toBe(true)
    expect(world.lines).toContainEqual(expect.objectContaining({ message: 'notice not queued' }))
    world.ports.accounts.save = save
    world.ports.challenges = {
      ...world.ports.challenges,
      put: () => Promise.reject(new Error('table gone')),
    }
    expect(await setPin()).toBe(true)
    expect(world.lines.filter(({ level }) => level === 'error').length).toBeGreaterThan(0)
    expect(await world.check({ user: 'alice', pass: 'wrong' })).toMatchObject({
      reason: 'wrong_pin',
    })
  })

  it('counts among the mails of the hour, and leaves the last of them to a code', async () => {
    world.set({ 'mail.per_hour': '3' })
    await enrol()
    for (let changes = 0; changes < 4; changes++) expect(await setPin('1234')).toBe(true)
    expect(world.mails).toHaveLength(2)
    expect(dropped()).toHaveLength(3)
    expect(dropped()[0]).toMatchObject({ reason: 'mail_limit', record: 'delivery' })
    expect(await world.triggered('alice')).toMatchObject({ otp: expect.any(String) })
  })

  it.each([
    ['the hour', { 'mail.per_hour': '5' }, 4],
    ['the day', { 'mail.per_hour': '0', 'mail.per_day': '10' }, 9],
  ])('is not kept back by codes that use up %s', async (_, limits, codes) => {
    world.set({ ...limits, 'account.max_wrong_per_day': '100' })
    await world.enrol(await world.account('alice'), { serial: 'EM1' })
    for (let login = 0; login < codes; login++) await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'mail_limit',
    })
    expect(await setPin()).toBe(true)
    expect(dropped()).toEqual([])
    expect(world.mails.at(-1)!.subject).toBe('Your PIN was changed')
    // and nothing goes beyond the limit
    await setPin('1234')
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'mail_limit',
    })
    expect(world.mails).toHaveLength(codes + 1)
  })

  it('takes the place of no code where no policy wants one, or one mail is all', async () => {
    world.set({ 'mail.per_hour': '1' })
    await world.enrol(await world.account('alice'), { serial: 'EM1' })
    await setPin('1234')
    expect(await world.triggered('alice')).toBeDefined()
    world.advance(3_600_000)
    world.set({ 'mail.per_hour': '2', 'policies/tell': '' })
    for (let login = 0; login < 2; login++) await world.triggered('alice')
    expect(world.mails).toHaveLength(3)
  })

  it('is tried again while its provider is down, and sent once', async () => {
    world.mailServer(() => ({ sent: false, failure: 'transient', reply: '451 later' }))
    await enrol()
    expect(world.waiting).toHaveLength(1)
    world.advance(3_600_000)
    world.mailServer(() => ({ sent: true, reply: '250 ok' }))
    const [reference] = world.waiting
    await world.deliverAll()
    world.waiting.push(reference!)
    await world.deliverAll()
    expect(world.mails).toHaveLength(1)
  })

  it('is no challenge that anybody could answer, or that keeps a code back', async () => {
    world.set({ 'email.resend_after': '60' })
    await enrol({ pin: '1234' })
    const { transactionId } = world.mails[0]!.reference!
    const kept = await world.ports.challenges.get(transactionId!, '@notice')
    expect(kept).toMatchObject({ delivery: 'sent', otpMac: 'none' })
    for (const pass of ['', 'none', '000000']) {
      const outcome = await world.check({ user: 'alice', pass, transactionId })
      expect(outcome.outcome).toBe('rejected')
    }
    expect((await world.account('alice')).open).toEqual([])
    expect(await world.triggered('alice')).toBeDefined()
  })

  it('has no words of somebody who writes challenges by hand', async () => {
    await enrol()
    const challenge = {
      ...{ transactionId: '1', serial: '@notice', account: 'account/demo/alice', counter: 0 },
      ...{ createdAt: world.now(), expiresAt: world.now() + 1000, maxAttempts: 1, attempts: 0 },
      ...{ guessMac: '-', guessedBy: '-', delivery: 'queued' as const },
      notice: { event: 'setPin' as const, serials: ['EM1', 'Open evil.example'], providers: [] },
    }
    await world.ports.challenges.put(challenge)
    world.waiting.push({ transactionId: '1', serial: '@notice' })
    await world.deliverAll()
    expect(world.mails).toHaveLength(2)
    expect(world.mails[1]!.text).toContain('of the token EM1 was changed')
    expect(world.mails[1]!.text).not.toContain('evil')
  })

  it('is none where the challenge is that of a code', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EM1' })
    const { put } = world.ports.challenges
    const notice = { event: 'setPin' as const, serials: ['EM1'], providers: ['office'] }
    world.ports.challenges.put = (challenge) => put({ ...challenge, notice })
    await world.triggered('alice')
    expect(world.mails.map(({ subject }) => subject)).toEqual(['Your OTP'])
    expect(senders).toEqual([undefined])
  })
})
