import { beforeEach, describe, expect, it, vi } from 'vitest'
import { accountKey } from '../../../../functions/core/account.ts'
import { changeAccount } from '../../../../functions/core/change-account.ts'
import { setAddress } from '../../../../functions/core/registration.ts'
import { remoteDirectory, STAFF } from '../../../support/directory.ts'
import type { Api } from '../api.ts'
import { asks, createSelf, holding, policy, problemType, signsIn } from './people.ts'

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
