import { beforeEach, describe, expect, it, vi } from 'vitest'
import { setEnabled } from '../../../functions/core/manage-tokens.ts'
import { answerTest, mailTestCode } from '../../../functions/core/self/test-token.ts'
import { createWorld, otherThan, type World } from '../../support/world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const SERIAL = 'EMALICE'
let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: SERIAL })
})

const account = () => world.account('alice')
const asks = async () =>
  mailTestCode(world.ports, await account(), SERIAL, { clientIp: '192.0.2.1' })

async function mailed() {
  const result = await asks()
  if (!result.mailed) throw new Error(result.reason)
  return { transactionId: result.challenge.transactionId, otp: world.lastCode() }
}

let requests = 0
const answers = async (answer: { transactionId: string; otp: string; serial?: string }) =>
  answerTest(world.ports, await account(), { serial: SERIAL, nonce: `t${++requests}`, ...answer })

describe('a test code', () => {
  it('goes to the address of the token and passes once', async () => {
    const code = await mailed()
    expect(world.mails.at(-1)!.to).toBe('alice@example.org')
    expect(await answers(code)).toBe(true)
    expect(await answers(code)).toBe(false)
  })

  it('signs nobody in: by its transaction, behind the PIN, or alone', async () => {
    const { transactionId, otp } = await mailed()
    for (const attempt of [
      { pass: otp, transactionId },
      { pass: `1234${otp}`, transactionId },
      { pass: `1234${otp}` },
      { pass: otp },
    ]) {
      expect(await world.check({ user: 'alice', ...attempt })).toMatchObject({
        outcome: 'rejected',
      })
    }
    expect(await answers({ transactionId, otp })).toBe(true)
  })

  it('is not the code of a login, which tests nothing', async () => {
    const login = await world.triggered('alice')
    expect(await answers(login)).toBeUndefined()
    const { transactionId, otp } = login
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('of one token is none of another', async () => {
    await world.enrol(await account(), { serial: 'EMOTHER' })
    const code = await mailed()
    expect(await answers({ ...code, serial: 'EMOTHER' })).toBeUndefined()
    expect(await answers({ ...code, transactionId: '0'.repeat(20) })).toBeUndefined()
  })

  it('that is wrong costs the account a guess and the token nothing', async () => {
    const { transactionId, otp } = await mailed()
    for (let tries = 0; tries < 5; tries++) {
      expect(await answers({ transactionId, otp: otherThan(otp) })).toBe(false)
    }
    // no tries are left
    expect(await answers({ transactionId, otp })).toBe(false)
    const { tokens, wrong } = await account()
    expect(wrong).toHaveLength(5)
    expect(tokens[SERIAL]!.failcount).toBe(0)
  })

  it('is late when its time is up', async () => {
    const code = await mailed()
    world.advance(120_000)
    expect(await answers(code)).toBe(false)
  })

  it('is not mailed for a token that could not sign in', async () => {
    await setEnabled(world.ports, await account(), SERIAL, false)
    expect(await asks()).toEqual({ mailed: false, reason: 'disabled' })
    expect(world.mails).toEqual([])
  })

  it('counts among the mails of its address', async () => {
    world.set({ 'mail.per_hour': '1' })
    await mailed()
    expect(await asks()).toEqual({ mailed: false, reason: 'mail_limit' })
  })
})
