/** Accounts and challenges in memory run the suites of the stores; this is about the rest. */
import { expect, it } from 'vitest'
import { memoryAdmins } from '../../functions/adapters/memory.ts'
import type { Admin } from '../../functions/core/sign-in.ts'

const root: Admin = {
  name: 'root',
  password: { salt: 's', mac: 'm' },
  failures: 0,
  failedAt: 0,
  rev: 1,
  createdAt: 1000,
}

it('keeps administrators, each revision written once', async () => {
  const store = memoryAdmins()
  expect(await store.save(root, 0)).toBe(true)
  expect(await store.save(root, 0)).toBe(false)
  expect(await store.save({ ...root, failures: 1, rev: 2 }, 1)).toBe(true)
  expect(await store.save({ ...root, failures: 2, rev: 2 }, 1)).toBe(false)
  expect(await store.get('root')).toMatchObject({ failures: 1 })
  expect(await store.all()).toHaveLength(1)
})

it('forgets an administrator once', async () => {
  const store = memoryAdmins()
  await store.save(root, 0)
  expect(await store.remove('root')).toBe(true)
  expect(await store.remove('root')).toBe(false)
  expect(await store.get('root')).toBeUndefined()
})

it('does not keep what a caller changes later', async () => {
  const store = memoryAdmins()
  await store.save(root, 0)
  const copy = (await store.get('root'))!
  copy.password.mac = 'changed'
  expect((await store.get('root'))!.password.mac).toBe('m')
})
