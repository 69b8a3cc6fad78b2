import { beforeEach, describe, expect, it, vi } from 'vitest'
import { accountKey } from '../../../../functions/core/account.ts'
import { changeAccount } from '../../../../functions/core/change-account.ts'
import { setEnabled } from '../../../../functions/core/manage-tokens.ts'
import { setAddress } from '../../../../functions/core/registration.ts'
import { issueSession } from '../../../../functions/core/sign-in.ts'
import { withUndeliverable } from '../../../../functions/core/undeliverable.ts'
import { removeUser } from '../../../../functions/core/users.ts'
import { remoteDirectory, STAFF } from '../../../support/directory.ts'
import { otherThan } from '../../../support/world.ts'
import type { Api } from '../api.ts'
import {
  asks,
  createSelf,
  holding,
  MINUTE,
  PIN,
  policy,
  problemType,
  reauthenticates,
  signsIn,
} from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let api: Api

beforeEach(async () => {
  api = await createSelf()
})

const DISPUTED = {
  ...{ address: 'carol@example.org', replacedBy: 'thief@example.net', secret: '' },
  ...{ reference: '0'.repeat(20), at: 1, until: 2, disputedAt: 2 },
}

const answer = (transaction_id: string, otp: string, user = 'alice') =>
  api.self('/v1/self/sessions', { json: { user, transaction_id, otp } })

describe('a sign-in', () => {
  it('mails a code for the PIN, and makes a session of it (N16)', async () => {
    const asked = await asks(api)

    expect(asked.status).toBe(202)
    expect(asked.json).toEqual({
      transaction_id: expect.stringMatching(/^[0-9]{20}$/),
      expires_at: '2026-11-21T12:02:00.000Z',
      delivery: 'sent',
      challenges: [{ serial: 'EM00000001', delivery: 'sent', address: 'al********@e****.org' }],
      message: 'Enter the code from the e-mail.',
    })
    expect(api.mails.at(-1)).toMatchObject({ to: 'alice@example.org', subject: 'Your OTP' })
    const { status, json } = await answer(asked.json.transaction_id, api.lastCode())
    expect([status, json]).toEqual([
      201,
      {
        session: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        purpose: 'full',
        expires_in: 1800,
        auth_time: '2026-11-21T12:00:00.000Z',
        reauthenticate_in: 300,
      },
    ])
  })

  it('asks for the code in the words of the settings (N20)', async () => {
    api.set({ EMAIL_CHALLENGE_PROMPT: 'What does the mail say?' })

    expect((await asks(api)).json.message).toBe('What does the mail say?')
  })

  it('takes the code as people type it (R11)', async () => {
    const full = (digit: string) => '０１２３４５６７８９'[Number(digit)]
    for (const typed of [
      (otp: string) => `${otp.slice(0, 3)} ${otp.slice(3)}`,
      (otp: string) => `${otp.slice(0, 2)}-${otp.slice(2, 4)}–${otp.slice(4)}`,
      (otp: string) => [...otp].map(full).join(''),
      (otp: string) => ` ${otp}\u200b\n`,
    ]) {
      const { json } = await asks(api)
      expect((await answer(json.transaction_id, typed(api.lastCode()))).status).toBe(201)
    }
  })

  it('is done or denied: a wrong code is neither told apart nor free (N21)', async () => {
    const { json } = await asks(api)
    const otp = api.lastCode()

    const wrong = await answer(json.transaction_id, otherThan(otp))

    expect(wrong).toMatchObject({ status: 403, json: { type: problemType('rejected') } })
    expect((await api.account('alice')).wrong).toHaveLength(1)
    expect((await answer(json.transaction_id, otp)).status).toBe(201)
    expect((await answer(json.transaction_id, otp)).status).toBe(403)
  })

  it('keeps to the budgets of logins', async () => {
    for (let tries = 0; tries < 5; tries++) {
      const { json } = await asks(api)
      const otp = api.lastCode()
      for (let wrong = 0; wrong < 5; wrong++) await answer(json.transaction_id, otherThan(otp))
    }
    const { wrong } = await api.account('alice')
    expect(wrong.length).toBeLessThanOrEqual(20)
    expect((await asks(api)).status).toBe(403)
  })

  it('mails nothing to an address that takes no mail', async () => {
    const account = await api.account('alice')
    const report = { at: 1, why: 'complaint', words: '' } as const
    const after = withUndeliverable(account, 'alice@example.org', report)!
    await api.ports.accounts.save(account, after)
    expect((await asks(api)).json.reason).toBe('not_sent')
    expect(api.mails).toEqual([])
  })

  it('wants first the PIN, then the code', async () => {
    for (const factors of [
      {},
      { otp: '123456' },
      { transaction_id: '0'.repeat(20) },
      { pin: PIN, otp: '123456' },
      { pin: PIN, transaction_id: '0'.repeat(20), otp: '123456' },
    ]) {
      const { status, json } = await api.self('/v1/self/sessions', {
        json: { user: 'alice', ...factors },
      })
      expect([status, json.type], JSON.stringify(factors)).toEqual([400, problemType('malformed')])
    }
  })

  it('is not had by PIN and code in one', async () => {
    await asks(api)
    expect((await asks(api, 'alice', PIN + api.lastCode())).status).toBe(403)
  })

  it('is not had where no factor is offered (R14)', async () => {
    api.set({ 'allowed.auth.factors': '' })
    expect((await asks(api)).status).toBe(403)
    expect(api.mails).toEqual([])
  })

  it('is not spared the code by any policy or token', async () => {
    const bob = await api.addUser('bob')
    await api.enrol(bob, { serial: 'SP00000001', type: 'spass' })
    await api.addUser('carol')
    api.set({
      'policies/pass': JSON.stringify({
        scope: 'authentication',
        action: 'passOnNoToken, passOnNoUser',
      }),
    })

    for (const user of ['bob', 'carol', 'nobody']) {
      expect((await asks(api, user)).status, user).toBe(403)
    }
  })

  it('is admitted from some networks only, where the settings say so', async () => {
    api.set({ 'selfservice.clients': '10.0.0.0/8' })

    const refused = await asks(api)

    expect(refused).toMatchObject({ status: 403, json: { type: problemType('client') } })
    expect(api.mails).toEqual([])
  })

  it('logs whom it was about, once', async () => {
    await signsIn(api)
    const requests = api.lines.filter(({ message }) => message === 'request')
    expect(requests).toMatchObject([
      { path: '/v1/self/sessions', status: 202, outcome: 'challenged', user: 'alice' },
      { path: '/v1/self/sessions', status: 201, outcome: 'accepted', user: 'alice', realm: 'demo' },
    ])
    expect(requests[1]!.serial).toBe('EM00000001')
  })
})

describe('the codes of logins and of the self-service', () => {
  it('are not for each other', async () => {
    const login = await api.login('/v1/challenges', { json: { user: 'alice', pin: PIN } })
    expect((await answer(login.json.transaction_id, api.lastCode())).status).toBe(403)

    const { json } = await asks(api)
    const otp = api.lastCode()
    const path = `/v1/challenges/${json.transaction_id}/answer`
    expect((await api.login(path, { json: { user: 'alice', otp } })).status).toBe(403)
    const combined = { user: 'alice', pass: PIN + otp }
    expect((await api.login('/v1/authentications', { json: combined })).status).toBe(403)
    expect((await answer(json.transaction_id, otp)).status).toBe(201)
  })
})

describe('the profile hardened', () => {
  it('tells no wrong PIN from an unknown user', async () => {
    api.set({ profile: 'hardened' })
    await api.addUser('carol')

    const [wrong, nobody, tokenless] = [
      await asks(api, 'alice', 'wrong'),
      await asks(api, 'nobody', 'wrong'),
      await asks(api, 'carol', 'wrong'),
    ]

    expect(nobody.text).toBe(wrong.text)
    expect(tokenless.text).toBe(wrong.text)
    expect([nobody.status, nobody.headers]).toEqual([wrong.status, wrong.headers])
  })
})

describe('a session', () => {
  it.each([
    ['none', undefined, 'no_session'],
    ['rubbish', 'Bearer a.b.c', 'bad_session'],
    ['Basic', 'Basic YTpi', 'bad_session'],
  ])('is needed: %s is not one', async (_, authorization, code) => {
    const { status, json } = await api.self('/v1/self', {
      headers: authorization ? { authorization } : {},
    })
    expect([status, json.type]).toEqual([401, problemType(code)])
  })

  it('is told from every other kind of session', async () => {
    for (const role of ['admin', 'user'] as const) {
      const session = await issueSession(api.ports, { username: 'alice', role, realm: 'demo' })
      expect((await holding(api, session).get('')).status, role).toBe(401)
    }
    const { session } = await signsIn(api)
    const headers = { authorization: `Bearer ${session}` }
    expect((await api.admin('/v1/users', { headers })).status).toBe(401)
  })

  it('is not read from a cookie', async () => {
    const { session } = await signsIn(api)
    const cookies = [`authorization=Bearer ${session}`, `session=${session}`]
    expect((await api.self('/v1/self', { cookies })).status).toBe(401)
  })

  it('says who is signed in, and until when', async () => {
    const { status, json } = await (await signsIn(api)).get('')

    expect(status).toBe(200)
    expect(json).toMatchObject({
      user: 'alice',
      realm: 'demo',
      email: 'alice@example.org',
      email_verified: false,
      factors: { login: ['emailOtp'], registration: ['emailOtp'] },
      rights: expect.arrayContaining(['setpin', 'enrollEMAIL', 'disable']),
      session: {
        purpose: 'full',
        auth_time: '2026-11-21T12:00:00.000Z',
        fresh_until: '2026-11-21T12:05:00.000Z',
        expires_at: '2026-11-21T12:30:00.000Z',
      },
    })
  })

  it('ends when its time is up, as the settings say', async () => {
    api.set({ 'selfservice.session_minutes': '10' })
    const alice = await signsIn(api)
    api.advance(9 * MINUTE)
    expect((await alice.get('')).status).toBe(200)
    api.advance(MINUTE)
    expect((await alice.get('')).json.type).toBe(problemType('expired_session'))
  })

  it('ends by signing out, and others go on', async () => {
    const [one, other] = [await signsIn(api), await signsIn(api)]
    expect((await one.remove('/sessions/current')).status).toBe(204)
    expect((await one.get('')).json.type).toBe(problemType('bad_session'))
    expect((await other.get('')).status).toBe(200)
  })

  it('ends everywhere at once', async () => {
    const [one, other] = [await signsIn(api), await signsIn(api)]
    expect((await one.remove('/sessions')).status).toBe(204)
    expect([(await one.get('')).status, (await other.get('')).status]).toEqual([401, 401])
    api.advance(2)
    expect((await (await signsIn(api)).get('')).status).toBe(200)
  })

  it('stays ended however many others end', async () => {
    const first = await signsIn(api)
    await first.remove('/sessions/current')
    for (let more = 0; more < 25; more++) {
      api.advance(1)
      await (await signsIn(api)).remove('/sessions/current')
    }
    expect((await first.get('')).status).toBe(401)
    expect((await api.account('alice')).endedSessions?.length ?? 0).toBeLessThanOrEqual(20)
  })

  it('ends with its user', async () => {
    const alice = await signsIn(api)
    await removeUser(api.ports, 'demo', 'alice')
    expect((await alice.get('')).status).toBe(401)
  })

  it('ends with its token, whoever disabled it', async () => {
    const alice = await signsIn(api)
    await setEnabled(api.ports, await api.account('alice'), 'EM00000001', false)
    expect((await alice.get('')).status).toBe(401)
  })

  it('is worth nothing in another name', async () => {
    const { session } = await signsIn(api)
    const [header, payload, signature] = session.split('.')
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, username: 'bob' })).toString('base64url')
    expect((await holding(api, `${header}.${forged}.${signature}`).get('')).status).toBe(401)
  })
})

describe('a re-authentication (R23)', () => {
  it('is asked for when the session is no longer fresh, and allows several changes', async () => {
    const alice = await signsIn(api)
    api.advance(5 * MINUTE)
    const change = { address: 'alice@new.example' }

    const refused = await alice.post('/address', change)
    expect(refused).toMatchObject({
      status: 403,
      json: { type: problemType('reauthentication_required') },
    })
    expect((await alice.put('/pin', { new: '9999' })).json.type).toBe(
      problemType('reauthentication_required'),
    )
    expect((await alice.get('')).status).toBe(200)

    const fresh = await reauthenticates(api, alice)
    expect((await fresh.post('/address', change)).status).toBe(202)
    expect((await fresh.put('/pin', { new: '9999' })).status).toBe(201)
  })

  it('needs the PIN and the code of the same person', async () => {
    const bob = await api.addUser('bob')
    await api.enrol(bob, { serial: 'EM0000000B', pin: 'bob' })
    const alice = await signsIn(api)

    expect((await alice.post('/reauthentications', { pin: 'wrong' })).status).toBe(403)
    const { json } = await asks(api, 'bob', 'bob')
    const step = { transaction_id: json.transaction_id, otp: api.lastCode() }
    expect((await alice.post('/reauthentications', step)).status).toBe(403)
  })

  it('is as short as the settings say', async () => {
    api.set({ 'selfservice.reauth_minutes': '1' })
    const alice = await signsIn(api)
    api.advance(MINUTE)
    expect((await alice.put('/pin', { new: '9999' })).status).toBe(403)
  })
})

describe('an activation (R16)', () => {
  const PASSWORD = 'a password of the directory'
  const GRANT = JSON.stringify({ scope: 'user', action: 'enrollEMAIL' })

  beforeEach(async () => {
    await api.addUser('carol', '')
    const { hashPin } = await import('../../../../functions/core/pin.ts')
    const pepper = await api.ports.keyring.key('pin')
    const password = await hashPin(pepper, PASSWORD, api.ports.random)
    const account = (await api.ports.accounts.get(accountKey('demo', 'carol')))!
    await changeAccount(api.ports, account, (current) => ({
      after: { ...current, password },
      result: undefined,
    }))
    api.set({ 'policies/activation': GRANT })
  })

  const activates = async () => {
    const { status, json } = await asks(api, 'carol', PASSWORD)
    expect([status, json.purpose]).toEqual([201, 'activation'])
    return holding(api, json.session)
  }

  it('begins with the password and ends with a token that logs in', async () => {
    const carol = await activates()
    const { json: pending } = await carol.post('/address', { address: 'carol@example.net' })
    expect(pending).toMatchObject({ reason: 'register', address: 'carol@example.net' })
    const otp = api.lastCode()
    const proof = { transaction_id: pending.transaction_id, otp, pin: '4711' }
    const { status, json } = await carol.post('/address/confirmations', proof)

    expect([status, json]).toEqual([
      200,
      { address: 'carol@example.net', reason: 'register', serial: expect.stringMatching(/^EM/) },
    ])
    expect((await signsIn(api, 'carol', '4711')).session).toBeTruthy()
    expect((await asks(api, 'carol', PASSWORD)).status).toBe(403)
  })

  it('makes the same pending record as the portal does', async () => {
    await (await activates()).post('/address', { address: 'carol@example.net' })
    await (await signsIn(api)).post('/address', { address: 'alice@example.net' })

    const [first, later] = [
      (await api.account('carol')).pending!,
      (await api.account('alice')).pending!,
    ]
    expect(Object.keys(first).toSorted()).toEqual(Object.keys(later).toSorted())
    expect([first.by, later.by]).toEqual(['activation', 'self'])
  })

  it('has a token enrolled after the address, where the PIN came late', async () => {
    const carol = await activates()
    const { json: pending } = await carol.post('/address', { address: 'carol@example.net' })
    const proof = { transaction_id: pending.transaction_id, otp: api.lastCode() }
    expect((await carol.post('/address/confirmations', proof)).json.pin_needed).toBe(true)
    expect((await carol.post('/tokens', { pin: '4711' })).status).toBe(201)
    expect((await signsIn(api, 'carol', '4711')).session).toBeTruthy()
  })

  it('is good for nothing else', async () => {
    const carol = await activates()
    for (const refused of [
      await carol.get('/tokens'),
      await carol.get('/logins'),
      await carol.put('/pin', { new: '9999' }),
      await carol.post('/tokens/EM00000001/test'),
      await carol.post('/tokens/EM00000001/disable'),
      await carol.post('/tokens/EM00000001/enable'),
      await carol.post('/tokens/EM00000001/revoke'),
      await carol.post('/reauthentications', { pin: PASSWORD }),
    ]) {
      expect(refused).toMatchObject({ status: 403, json: { type: problemType('role') } })
    }
  })

  it('ends being one when there is a token', async () => {
    const carol = await activates()
    await api.enrol(await api.account('carol'), { email: 'carol@example.net' })
    for (const refused of [
      await carol.post('/address', { address: 'thief@example.net' }),
      await carol.post('/tokens', { pin: '4711' }),
    ]) {
      expect(refused.status).toBe(401)
    }
  })

  it('does not replace an address that was proven', async () => {
    await setAddress(api.ports, await api.account('carol'), 'carol@example.net')
    const carol = await activates()
    const refused = await carol.post('/address', { address: 'thief@example.net' })
    expect(refused).toMatchObject({ status: 403, json: { type: problemType('role') } })
    expect((await carol.post('/tokens', { pin: '4711' })).status).toBe(201)
    await asks(api, 'carol', '4711')
    expect(api.mails.at(-1)).toMatchObject({ to: 'carol@example.net' })
  })

  it('is not had while a change of the address is disputed', async () => {
    await changeAccount(api.ports, await api.account('carol'), (current) => ({
      after: { ...current, former: [DISPUTED] },
      result: undefined,
    }))
    expect((await asks(api, 'carol', PASSWORD)).status).toBe(403)
  })

  it('shows no whole address', async () => {
    const { rev: _rev, ...account } = await api.account('carol')
    await api.ports.accounts.save(
      { ...account, rev: _rev },
      { ...account, rev: _rev, email: 'carol.secret@example.net' },
    )
    const { json } = await (await activates()).get('')
    expect(json.email).not.toContain('carol.secret')
    expect(json.session.purpose).toBe('activation')
  })

  it.each([
    [
      'no policy grants it',
      { 'policies/activation': JSON.stringify({ scope: 'user', action: 'disable' }) },
    ],
    ['registration is off (R15)', { 'allowed.reg.factors': '' }],
  ])('is not had where %s', async (_, settings) => {
    api.set(settings)
    expect((await asks(api, 'carol', PASSWORD)).status).toBe(403)
  })

  it('counts wrong passwords and delays', async () => {
    for (let tries = 0; tries < 7; tries++) await asks(api, 'carol', 'wrong')
    expect((await asks(api, 'carol', PASSWORD)).status).toBe(403)
  })
})

describe('an activation of a user who is kept elsewhere', () => {
  const asksAs = (user: string, pin: string) =>
    api.self('/v1/self/sessions', { json: { user, realm: 'staff', pin } })
  const { remoteUsers, put, asked, fail } = remoteDirectory()

  beforeEach(() => {
    Object.assign(api.ports, { remoteUsers })
    Object.assign(api.deliverPorts, { remoteUsers })
    put('dora', [])
    asked.length = 0
    fail(false)
    api.set({ ...STAFF, 'policies/activation': policy('enrollEMAIL') })
  })

  it('begins with the password of the directory and ends with a token that logs in', async () => {
    const { status, json } = await asksAs('dora', 'dora-secret')
    expect([status, json.purpose]).toEqual([201, 'activation'])
    const dora = holding(api, json.session)
    const { json: pending } = await dora.post('/address', { address: 'dora@example.net' })
    const proof = { transaction_id: pending.transaction_id, otp: api.lastCode(), pin: '4711' }
    expect((await dora.post('/address/confirmations', proof)).status).toBe(200)

    const login = await asksAs('dora', '4711')
    expect(login.status).toBe(202)
    expect(api.mails.at(-1)).toMatchObject({ to: 'dora@example.net' })
    expect((await asksAs('dora', 'dora-secret')).status).toBe(403)
  })

  it('has the address of the directory proven, and no other', async () => {
    put('dora', ['dora@work.example'])
    const dora = holding(api, (await asksAs('dora', 'dora-secret')).json.session)
    expect(await dora.post('/address', { address: 'thief@example.net' })).toMatchObject({
      status: 409,
      json: { type: problemType('kept_elsewhere') },
    })
    expect((await dora.post('/address', { address: 'dora@work.example' })).status).toBe(202)
    expect(api.mails.map(({ to }) => to)).toEqual(['dora@work.example'])
  })

  it.each(['wrong', ''])('is refused for %j as a stranger is, and mails nothing', async (typed) => {
    api.set({ profile: 'hardened' })
    const stranger = await asksAs('nobody', typed)
    const refused = await asksAs('dora', typed)
    expect([refused.status, refused.json]).toEqual([stranger.status, stranger.json])
    expect(refused.status).toBe(403)
    expect(api.mails).toEqual([])
  })

  it('counts wrong passwords and delays, so that nobody guesses through Otpost', async () => {
    await Promise.all(Array.from({ length: 20 }, () => asksAs('dora', 'wrong')))
    expect((await asksAs('dora', 'dora-secret')).status).toBe(403)
    asked.length = 0
    await asksAs('dora', 'wrong')
    expect(asked.filter((one) => one.startsWith('password'))).toEqual([])
  })

  it('is not had while the directory does not answer', async () => {
    fail(true)
    expect((await asksAs('dora', 'dora-secret')).status).toBe(503)
  })

  it('is not had without a policy that grants it', async () => {
    api.set({ 'policies/activation': policy('disable') })
    expect((await asksAs('dora', 'dora-secret')).status).toBe(403)
    expect(asked.filter((one) => one.startsWith('password'))).toEqual([])
  })
})
