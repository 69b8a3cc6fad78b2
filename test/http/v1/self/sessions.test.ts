import { beforeEach, describe, expect, it, vi } from 'vitest'
import { withUndeliverable } from '../../../../functions/core/undeliverable.ts'
import { otherThan } from '../../../support/world.ts'
import type { Api } from '../api.ts'
import { authentication } from '../../../support/policies.ts'
import { asks, createSelf, PIN, problemType, signsIn } from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let api: Api

beforeEach(async () => {
  api = await createSelf()
})

const answer = (transaction_id: string, otp: string, user = 'alice') =>
  api.self('/v1/self/sessions', { json: { user, transaction_id, otp } })

describe('where policies name applications', () => {
  const rest = (application: string) =>
    authentication('disabled_token_types=email', { application }, 'rest')

  it('it is one of them, for each step and for mails of its own', async () => {
    api.set(rest('*, -vpn'))
    expect((await asks(api)).status).toBe(403)
    api.set({
      ...rest('*, -vpn, -otpost:self-service'),
      ...authentication('emailsubject=Self', { application: 'otpost:self-service' }, 'own'),
    })
    const alice = await signsIn(api)
    expect(api.mails.map(({ subject }) => subject)).toEqual(['Self'])
    expect((await alice.post('/reauthentications', { pin: PIN })).status).toBe(202)
    expect((await alice.post('/tokens/EM00000001/test')).status).toBe(202)
    expect(api.mails.map(({ subject }) => subject)).toEqual(['Self', 'Self', 'Self'])
  })
})

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
