import { beforeEach, describe, expect, it, vi } from 'vitest'
import { issueApiKey } from '../../../functions/core/api-key.ts'
import { signSession } from '../../../functions/core/session.ts'
import { issueSession, putAdmin, revokeSessions } from '../../../functions/core/sign-in.ts'
import { endSelfSessions } from '../../../functions/core/self/session.ts'
import { ForbiddenError } from '../../../functions/http/errors.ts'
import { callerOf, vouchedCallerOf } from '../../../functions/http/privacyidea/caller.ts'
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
  (await vouchedCallerOf(world.ports, requestOf(session), ['admin'])).may('disable')
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
    await expect(triggers(session)).rejects.toThrow('has been ended')
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
    await expect(triggers(session)).rejects.toThrow('has been ended')
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

describe('a session of a user', () => {
  const begin = (epoch?: number) =>
    issueSession(world.ports, {
      ...{ username: 'alice', realm: 'demo', role: 'user' },
      ...(epoch === undefined ? {} : { epoch }),
    })

  /** A user of a version whose accounts began to count at 0. */
  async function ofBefore(login: string) {
    const account = await world.addUser(login)
    const { sessionEpoch: _count, ...before } = account
    await world.ports.accounts.save(account, before)
    return world.account(login)
  }

  it('is in force of the count of its account, which begins anywhere', async () => {
    const { sessionEpoch } = await world.addUser('alice')
    expect(await administers(await begin(sessionEpoch))).toBeDefined()
    for (const other of [0, undefined, sessionEpoch! + 1]) {
      await expect(administers(await begin(other))).rejects.toThrow('has been ended')
    }
  })

  it('ends with what ends all of them, also one of a version that did not count', async () => {
    const account = await ofBefore('alice')
    const [counted, uncounted] = [await begin(0), await begin()]
    for (const session of [counted, uncounted]) expect(await administers(session)).toBeDefined()
    await endSelfSessions(world.ports, account)
    for (const session of [counted, uncounted]) {
      await expect(administers(session)).rejects.toThrow('has been ended')
    }
    expect(await administers(await begin(1))).toBeDefined()
  })

  it('is read with the account, which is read anyway', async () => {
    await ofBefore('alice')
    const get = vi.spyOn(world.ports.accounts, 'get')
    await administers(await begin(0))
    expect(get).toHaveBeenCalledTimes(1)
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
