import { beforeEach, expect, it, vi } from 'vitest'
import { secretReader } from '../../functions/adapters/secret-reader.ts'

let now: number
beforeEach(() => {
  now = 0
})

function reader(read: (name: string, version: number) => Promise<string | undefined>) {
  const asked = vi.fn(read)
  return { secret: secretReader({ read: asked, clock: () => now, maxAgeMs: 1000 }), asked }
}

it('decrypts the version the settings name, and keeps it', async () => {
  const { secret, asked } = reader(async () => 'hunter2')
  expect(await secret('email.password', 2)).toBe('hunter2')
  now = 999
  expect(await secret('email.password', 2)).toBe('hunter2')
  expect(asked.mock.calls).toEqual([['email.password', 2]])
  now = 1000
  await secret('email.password', 2)
  expect(asked).toHaveBeenCalledTimes(2)
})

it('reads a new version at once', async () => {
  const { secret } = reader(async (_, version) => (version === 1 ? 'old' : 'new'))
  expect(await secret('email.password', 1)).toBe('old')
  expect(await secret('email.password', 2)).toBe('new')
})

it('keeps the secrets of several providers apart', async () => {
  const { secret } = reader(async (name, version) => `${name} ${version}`)
  expect(await secret('providers/a.password', 1)).toBe('providers/a.password 1')
  expect(await secret('providers/b.password', 1)).toBe('providers/b.password 1')
})

it('goes on with what it has while Parameter Store is down', async () => {
  let down = false
  const { secret } = reader(async () => {
    if (down) throw new Error('throttled')
    return 'hunter2'
  })
  await secret('email.password', 1)
  now = 5000
  down = true
  expect(await secret('email.password', 1)).toBe('hunter2')
  await expect(secret('email.password', 2)).rejects.toThrow('throttled')
})

it('gives nothing for a secret that is gone', async () => {
  const { secret } = reader(async () => undefined)
  expect(await secret('email.password', 1)).toBeUndefined()
})
