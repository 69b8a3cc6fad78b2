import { beforeEach, describe, expect, test, vi } from 'vitest'
import { told } from './browser.ts'
import { createTokenAdmin, type TokenAdmin } from './token-admin.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: TokenAdmin['world']
let admin: TokenAdmin['admin']
let init: TokenAdmin['init']

beforeEach(async () => {
  ;({ world, admin, init } = await createTokenAdmin())
})

describe('checkstatus', () => {
  const status = async (query: Record<string, string>) =>
    told(await admin.get('/admin/checkstatus', query))
  beforeEach(() => init())

  test('shows the open challenges of a token, a user or a transaction, and no code', async () => {
    const outcome = await world.check({ user: 'alice', pass: 'pin' })
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { transactionId } = outcome.issued[0]!
    const seen = {
      values: {
        LSEM0001: {
          challenges: {
            [transactionId]: {
              id: 0,
              transid: transactionId,
              challenge: '',
              tokenserial: 'LSEM0001',
              data: '',
              timestamp: '2026-11-21 12:00:00',
              received_tan: false,
              valid_tan: false,
              session: { status: 'open' },
            },
          },
          tokeninfo: expect.objectContaining({ 'LinOtp.TokenSerialnumber': 'LSEM0001' }),
        },
      },
    }
    expect(await status({ serial: 'LSEM0001' })).toEqual({ status: 200, value: seen })
    expect((await status({ user: 'alice' })).value).toEqual(seen)
    expect((await status({ transactionid: transactionId })).value).toEqual(seen)
    expect((await status({ state: transactionId, serial: 'LSEM0001' })).value).toEqual(seen)

    await world.check({ user: 'alice', pass: world.lastCode(), transactionId })
    expect((await status({ transactionid: transactionId })).value).toEqual({ values: {} })
    const all = await status({ transactionid: transactionId, open: 'true' })
    expect(all.value.values.LSEM0001.challenges[transactionId]).toMatchObject({
      received_tan: true,
      valid_tan: true,
      session: { status: 'closed' },
    })
  })

  test('tells the challenges of one transaction apart', async () => {
    await init({ serial: 'LSEM0002' })
    const outcome = await world.check({ user: 'alice', pass: 'pin' })
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { transactionId } = outcome.issued[0]!
    const named = async (query: Record<string, string>) =>
      Object.entries<{ challenges: object }>((await status(query)).value.values).map(
        ([serial, { challenges }]) => [serial, ...Object.keys(challenges)],
      )
    const [one, two] = [
      ['LSEM0001', `${transactionId}.01`],
      ['LSEM0002', `${transactionId}.02`],
    ]
    expect(await named({ user: 'alice' })).toEqual([one, two])
    expect(await named({ transactionid: transactionId })).toEqual([one, two])
    expect(await named({ transactionid: `${transactionId}.02` })).toEqual([two])
  })

  test('shows nothing of what there is not, and wants to be told what to show', async () => {
    expect((await status({ transactionid: '1'.repeat(20) })).value).toEqual({ values: {} })
    expect((await status({ serial: 'NOPE' })).value).toEqual({ values: {} })
    expect(await status({})).toMatchObject({ status: 200, code: 77 })
  })
})
