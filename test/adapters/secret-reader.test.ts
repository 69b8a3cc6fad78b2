import { beforeEach, expect, it, vi } from 'vitest'
import { secretReader } from '../../functions/adapters/secret-reader.ts'
import { type SecretVersion, secretVersions } from '../../functions/core/secret-version.ts'

let now: number
beforeEach(() => {
  now = 0
})

function reader(read: (name: string, version: SecretVersion) => Promise<string | undefined>) {
  const asked = vi.fn(read)
  return { secret: secretReader({ read: asked, clock: () => now, maxAgeMs: 1000 }), asked }
}
const PASSWORD = 'email.password'
/** Settings that name this version of the password, made at that time. */
const naming = (version: number, madeAt = 5) => ({
  secrets: secretVersions({ [PASSWORD]: version }, { [PASSWORD]: madeAt }),
})

it('decrypts the version the settings name, and keeps it', async () => {
  const { secret, asked } = reader(async () => 'hunter2')
  expect(await secret(naming(2), PASSWORD)).toBe('hunter2')
  now = 999
  expect(await secret(naming(2), PASSWORD)).toBe('hunter2')
  expect(asked.mock.calls).toEqual([[PASSWORD, { version: 2, madeAt: 5 }]])
  now = 1000
  await secret(naming(2), PASSWORD)
  expect(asked).toHaveBeenCalledTimes(2)
})

it('reads a new version at once', async () => {
  const { secret } = reader(async (_, { version }) => (version === 1 ? 'old' : 'new'))
  expect(await secret(naming(1), PASSWORD)).toBe('old')
  expect(await secret(naming(2), PASSWORD)).toBe('new')
})

it('never gives the old text of a secret that was deleted and made anew', async () => {
  const { secret } = reader(async (_, { madeAt }) => (madeAt === 5 ? 'of the old server' : 'new'))
  expect(await secret(naming(1, 5), PASSWORD)).toBe('of the old server')
  expect(await secret(naming(1, 6), PASSWORD)).toBe('new')
})

it('keeps the secrets of several providers apart', async () => {
  const { secret } = reader(async (name, { version }) => `${name} ${version}`)
  const settings = {
    secrets: secretVersions({ 'providers/a.password': 1, 'providers/b.password': 1 }, {}),
  }
  expect(await secret(settings, 'providers/a.password')).toBe('providers/a.password 1')
  expect(await secret(settings, 'providers/b.password')).toBe('providers/b.password 1')
})

it('goes on with what it has while Parameter Store is down', async () => {
  let down = false
  const { secret } = reader(async () => {
    if (down) throw new Error('throttled')
    return 'hunter2'
  })
  await secret(naming(1), PASSWORD)
  now = 5000
  down = true
  expect(await secret(naming(1), PASSWORD)).toBe('hunter2')
  await expect(secret(naming(2), PASSWORD)).rejects.toThrow('throttled')
})

it('gives nothing for a secret that is gone, or that the settings do not name', async () => {
  const { secret, asked } = reader(async () => undefined)
  expect(await secret(naming(1), PASSWORD)).toBeUndefined()
  expect(await secret(naming(1), 'email.client_key')).toBeUndefined()
  expect(asked).toHaveBeenCalledTimes(1)
})
