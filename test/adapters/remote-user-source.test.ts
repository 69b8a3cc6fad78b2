import { describe, expect, it } from 'vitest'
import { invokeResolve, remoteUsers } from '../../functions/adapters/remote-user-source.ts'
import { SourceBusyError, SourceFault } from '../../functions/core/user-source.ts'

const ALICE = { login: 'alice', uid: '1', email: [] }

function createUsers(status = 200, reply: unknown = { user: ALICE }) {
  let now = 0
  const calls: { url: string; headers: Readonly<Record<string, string>>; body: unknown }[] = []
  const invoke = invokeResolve({
    name: 'otpost-dev-resolve',
    region: 'eu-central-1',
    credentials: () => ({ accessKeyId: 'AK', secretAccessKey: 'SK' }),
    async post(url, headers, body) {
      calls.push({ url, headers, body: JSON.parse(body) })
      return { status, text: JSON.stringify(reply) }
    },
  })
  return {
    users: remoteUsers(invoke, () => now),
    calls,
    advance: (ms: number) => void (now += ms),
  }
}

describe('users by the function resolve', () => {
  it('are asked for by a signed invocation', async () => {
    const { users, calls } = createUsers()
    expect(await users.find('ad', 'alice')).toEqual(ALICE)
    const [call] = calls
    expect(call!.url).toBe(
      'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/otpost-dev-resolve/invocations',
    )
    expect(call!.body).toEqual({ resolver: 'ad', login: 'alice' })
    expect(call!.headers.authorization).toMatch(/Credential=AK\/\d{8}\/eu-central-1\/lambda\//)
    expect(call!.headers).not.toHaveProperty('x-amz-target')
  })

  it('are believed for some seconds, unless they must be fresh', async () => {
    const { users, calls, advance } = createUsers()
    await users.find('ad', 'alice')
    await users.find('ad', 'alice')
    expect(calls).toHaveLength(1)
    await users.find('other', 'alice')
    await users.find('ad', 'bob')
    expect(calls).toHaveLength(3)
    await users.find('ad', 'alice', true)
    expect(calls).toHaveLength(4)
    advance(5000)
    await users.find('ad', 'alice')
    expect(calls).toHaveLength(5)
  })

  it('who do not exist are asked for again soon', async () => {
    const { users, calls, advance } = createUsers(200, { user: null })
    expect(await users.find('ad', 'alice')).toBeUndefined()
    advance(1000)
    await users.find('ad', 'alice')
    expect(calls).toHaveLength(2)
  })

  it('have their passwords asked for each time', async () => {
    const { users, calls } = createUsers(200, { right: true })
    expect(await users.checkPassword('ad', 'alice', 'secret')).toBe(true)
    expect(await users.checkPassword('ad', 'alice', 'secret')).toBe(true)
    expect(calls).toHaveLength(2)
  })

  it.each([
    [200, { fault: 'down' }],
    [200, { errorType: 'TypeError', errorMessage: 'x' }],
    [200, {}],
    [403, { Message: 'not allowed' }],
    [429, { user: ALICE }],
    [500, { right: true }],
  ])('are a fault where the answer is %i %j', async (status, reply) => {
    const { users } = createUsers(status, reply)
    await expect(users.find('ad', 'alice')).rejects.toThrow(SourceFault)
    await expect(users.checkPassword('ad', 'alice', 'x')).rejects.toThrow(SourceFault)
  })

  it.each([
    [200, { fault: 'Rate exceeded', busy: true }, true],
    [429, {}, true],
    [200, { fault: 'down' }, false],
  ])('may be asked for again where the answer is %i %j: %s', async (status, reply, busy) => {
    const { users } = createUsers(status, reply)
    const fault = await users.find('ad', 'alice').catch((error: Error) => error)
    expect(fault instanceof SourceBusyError).toBe(busy)
  })

  it.each([{ user: ALICE }, { right: 'true' }, { right: 1 }])(
    'have no right password where the answer is %j',
    async (reply) => {
      const { users } = createUsers(200, reply)
      expect(await users.checkPassword('ad', 'alice', 'x')).toBe(false)
    },
  )
})
