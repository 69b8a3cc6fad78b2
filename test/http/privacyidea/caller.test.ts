import { beforeEach, describe, expect, it } from 'vitest'
import { issueApiKey } from '../../../functions/core/api-key.ts'
import { signSession } from '../../../functions/core/session.ts'
import { issueSession, putAdmin, revokeSessions } from '../../../functions/core/sign-in.ts'
import { ForbiddenError } from '../../../functions/http/errors.ts'
import { callerBy, callerOf, vouchedReader } from '../../../functions/http/privacyidea/caller.ts'
import type { HttpRequest } from '../../../functions/http/request.ts'
import { createWorld, type World } from '../../support/world.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  await putAdmin(world.ports, 'ann', 'secret')
})

const requestOf = (authorization: string) =>
  ({ headers: { authorization }, clientIp: '10.0.0.1' }) as unknown as HttpRequest
const administers = async (session: string) =>
  (await callerOf(world.ports, requestOf(session), ['admin', 'user'])).may('disable')
const triggers = async (session: string) =>
  (await callerBy(vouchedReader, world.ports, requestOf(session), ['admin'])).may('disable')
const issue = (since?: number) =>
  issueSession(world.ports, {
    username: 'ann',
    role: 'admin',
    ...(since === undefined ? {} : { since }),
  })

describe('a session of an administrator', () => {
  it('is one wherever it is shown', async () => {
    const session = await issue()
    expect([await administers(session), await triggers(session)]).toEqual([true, true])
  })

  it('ends when it is revoked, and a new one does not', async () => {
    const session = await issue()
    expect(await revokeSessions(world.ports, 'ann')).toBe(true)
    await expect(administers(session)).rejects.toThrow('has been ended')
    world.advance(1)
    expect(await administers(await issue())).toBe(true)
  })

  it('ends with a new password, even if the old one is being checked meanwhile', async () => {
    const since = world.now()
    world.advance(5)
    await putAdmin(world.ports, 'ann', 'another')
    world.advance(5)
    await expect(administers(await issue(since))).rejects.toThrow('has been ended')
    expect(await administers(await issue())).toBe(true)
  })

  it('ends with the account', async () => {
    const session = await issue()
    await world.admins.remove('ann')
    await expect(administers(session)).rejects.toThrow('has been ended')
  })

  it('that says not when it began ends with the first password', async () => {
    const key = await world.ports.keyring.key('session')
    const exp = world.now() / 1000 + 60
    const claims = { username: 'ann', realm: '', role: 'admin', nonce: '', exp } as const
    await expect(
      administers(signSession(key, { ...claims, authtype: 'password' })),
    ).rejects.toThrow('has been ended')
  })

  it('that nobody has is not revoked', async () => {
    expect(await revokeSessions(world.ports, 'eve')).toBe(false)
  })
})

describe('the key that validate has', () => {
  it('makes no session that administration takes', async () => {
    const { keyring } = world.ports
    const stolen = { ...world.ports, keyring: { key: () => keyring.key('api') } }
    const forged = await issueSession(stolen, { username: 'ann', role: 'admin' })
    await expect(administers(forged)).rejects.toThrow(ForbiddenError)
  })

  it('knows a session by its voucher only', async () => {
    const session = await issue()
    const [head, payload, signature] = session.split('.') as [string, string, string]
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const changed = { ...claims, username: 'eve' }
    const encoded = Buffer.from(JSON.stringify(changed)).toString('base64url')
    await expect(triggers([head, encoded, signature].join('.'))).rejects.toThrow(ForbiddenError)
    world.advance(3_600_000)
    await expect(triggers(session)).rejects.toThrow('expired')
  })

  it('takes no session of a user, and says that it is one', async () => {
    const session = await issueSession(world.ports, { username: 'alice', role: 'user' })
    await expect(triggers(session)).rejects.toMatchObject({ reason: 'role' })
  })
})

it('an API key is never taken for a session', async () => {
  const { key } = await issueApiKey(world.ports, 'portal', 60)
  await expect(administers(key)).rejects.toThrow(ForbiddenError)
  await expect(triggers(key)).rejects.toThrow(ForbiddenError)
})
