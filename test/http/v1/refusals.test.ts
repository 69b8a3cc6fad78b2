import { beforeEach, describe, expect, it } from 'vitest'
import { otherThan } from '../../support/world.ts'
import { addAlice, type Api, createApi } from './api.ts'

const ALICE = { user: 'alice' }
let api: Api

beforeEach(async () => {
  api = createApi()
  await addAlice(api.world)
})

const trigger = (subject: object = ALICE, pin = '1234') =>
  api.login('/v1/challenges', { json: { ...subject, pin } })

const answer = (id: string, otp: string) =>
  api.login(`/v1/challenges/${id}/answer`, { json: { ...ALICE, otp } })

describe('a refused login', () => {
  const refusals: Record<string, () => Promise<unknown>> = {
    unknown_user: async () => trigger({ user: 'nobody' }),
    unknown_serial: async () => trigger({ serial: 'EM99999999' }),
    serial_of_other: async () => {
      await api.addUser('mallory')
      return trigger({ user: 'mallory', serial: 'EM00000001' })
    },
    no_token: async () => {
      await api.addUser('bare')
      return trigger({ user: 'bare' })
    },
    disabled: async () => {
      await change({ enabled: false })
      return trigger()
    },
    revoked: async () => {
      await change({ enabled: false, revoked: true })
      return trigger()
    },
    locked: async () => {
      await change({ failcount: 10 })
      return trigger()
    },
    wrong_pin: async () => trigger(ALICE, 'wrong'),
    not_sent: async () => {
      api.mailServer(() => ({ sent: false, failure: 'address', reply: '550 no such mailbox' }))
      return trigger()
    },
    wrong_otp: async () => {
      const { json } = await trigger()
      return answer(json.transaction_id, otherThan(api.lastCode()))
    },
    no_challenge: async () => answer('0'.repeat(20), '123456'),
  }
  async function change(changes: object) {
    const account = await api.account('alice')
    const token = { ...account.tokens.EM00000001!, ...changes }
    await api.ports.accounts.save(account, { ...account, tokens: { EM00000001: token } })
  }

  it.each(Object.entries(refusals))('is told as %s', async (reason, refused) => {
    expect(await refused()).toMatchObject({ status: 403, json: { reason } })
  })

  it('does not tell that a PIN was not looked at', async () => {
    for (let tries = 0; tries < 8; tries++) await trigger(ALICE, 'wrong')

    expect((await trigger()).json.reason).toBe('wrong_pin')
  })

  it.each(Object.entries(refusals))('looks the same where hardened: %s', async (_, refused) => {
    api.set({ profile: 'hardened' })

    expect(await refused()).toMatchObject({
      status: 403,
      text: JSON.stringify({
        type: 'urn:otpost:problem:rejected',
        title: 'Authentication failed',
        status: 403,
        detail: 'The login was refused.',
        reason: 'rejected',
      }),
    })
  })

  it('is logged with its true reason, and without what was typed', async () => {
    api.set({ profile: 'hardened' })
    await trigger(ALICE, 'sesame')

    expect(api.lines.at(-1)).toMatchObject({
      outcome: 'rejected',
      reason: 'wrong_pin',
      user: 'alice',
    })
    expect(JSON.stringify(api.lines)).not.toContain('sesame')
  })
})
