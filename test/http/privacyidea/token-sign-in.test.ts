import { beforeEach, describe, expect, it, vi } from 'vitest'
import { authentication, policy } from '../../support/policies.ts'
import { otherThan } from '../../support/world.ts'
import { type AdminWorld, createAdminWorld, errorOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
  await world.init({ user: 'alice', serial: 'PIEM0001', email: 'alice@x.example', pin: 'pin' })
  await world.configure(policy('webui', 'login_mode=privacyIDEA'))
})
const signIn = (form: Record<string, string>) =>
  world.send('/auth', { form: { username: 'alice', ...form } })

describe('signing in by a token', () => {
  it('takes the PIN, then the code, and gives a session once', async () => {
    const challenge = await signIn({ password: 'pin' })
    expect(challenge.json.result).toEqual({
      authentication: 'CHALLENGE',
      status: true,
      value: false,
    })
    expect(challenge.json.detail).toMatchObject({ loginmode: 'privacyIDEA', serial: 'PIEM0001' })
    expect(challenge.json.detail).not.toHaveProperty('preferred_client_mode')
    const answer = {
      password: world.lastCode(),
      transaction_id: challenge.json.detail.transaction_id,
    }
    const signedIn = await signIn(answer)
    expect(signedIn.json.result.value).toMatchObject({ role: 'user', username: 'alice' })
    expect(signedIn.json.result.value.token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(signedIn.json.detail).toMatchObject({
      loginmode: 'privacyIDEA',
      message: 'Found matching challenge',
      serial: 'PIEM0001',
    })
    expect((await signIn(answer)).status).toBe(401)
  })

  it.each(['alicepw', 'wrong', ''])('does not take %j', async (password) => {
    const reply = await signIn({ password })
    expect(errorOf(reply)).toEqual({
      status: 401,
      code: 4031,
      message: 'Authentication failure. Wrong credentials',
    })
    expect(reply.json.detail).toEqual({
      loginmode: 'privacyIDEA',
      message: 'wrong otp pin',
      threadid: 1,
    })
  })

  it('gives no session for a wrong code', async () => {
    const { json } = await signIn({ password: 'pin' })
    const { transaction_id } = json.detail
    const reply = await signIn({ password: otherThan(world.lastCode()), transaction_id })
    expect(reply.status).toBe(401)
    expect(JSON.stringify(reply.json)).not.toContain('"token"')
  })

  it('is a sign-in to the self-service where policies name applications', async () => {
    const rest = (application: string) =>
      authentication('disabled_token_types=email', { application }, 'rest')
    await world.configure(rest('*, -vpn'))
    expect((await signIn({ password: 'pin' })).status).toBe(401)
    await world.configure(rest('*, -vpn, -otpost:self-service'))
    const { json } = await signIn({ password: 'pin' })
    const { transaction_id } = json.detail
    expect((await signIn({ password: world.lastCode(), transaction_id })).status).toBe(200)
  })

  it.each(['passOnNoToken', 'passOnNoUser'])('%s is no way to a session', async (action) => {
    await world.configure(authentication(action, {}, 'pass'))
    for (const username of ['bob', 'nobody']) {
      expect((await signIn({ username, password: 'x' })).status).toBe(401)
    }
  })
})

describe('a realm that is not signed in to by tokens', () => {
  const closed = policy('webui', 'login_mode=disable', { realm: 'b' }, 'closed')
  const open = policy('webui', 'login_mode=privacyIDEA', { realm: 'realm1' })
  beforeEach(async () => {
    await world.configure({ 'realms/realm1': 'directory', 'realms/b': 'directory' })
    await world.addUser('root', 'root@x.example', 'b')
    await world.init({ user: 'root', realm: 'b', serial: 'ROOT', email: 'r@x.example', pin: 'pin' })
    await world.configure({ ...closed, ...open })
  })

  it('is not entered by a name that says two realms', async () => {
    const { status } = await signIn({ username: 'root@b@realm1', password: 'pin' })
    expect(status).toBe(401)
    expect(world.mails).toEqual([])
  })

  it('is not entered through a policy that moves logins to it', async () => {
    await world.configure(authentication('set_realm=b', { realm: 'realm1' }, 'moved'))
    const challenge = await signIn({ username: 'root', realm: 'realm1', password: 'pin' })
    const { transaction_id } = challenge.json.detail
    const answer = { password: world.lastCode(), transaction_id }
    const { status } = await signIn({ username: 'root', realm: 'realm1', ...answer })
    expect(status).toBe(401)
  })
})
