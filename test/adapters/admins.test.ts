import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dynamoAdmins, dynamoAdminSessions } from '../../functions/adapters/dynamo-admins.ts'
import { memoryAdmins } from '../../functions/adapters/memory.ts'
import type { Admin, AdminStore } from '../../functions/core/sign-in.ts'
import { type Embedded, startEmbeddedDynamo, TOKENS } from '../support/embedded-dynamo.ts'

const root: Admin = {
  name: 'root',
  password: { salt: 's', mac: 'm' },
  failures: 0,
  failedAt: 0,
  rev: 1,
  createdAt: 1000,
}

let embedded: Embedded
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
})
afterAll(() => embedded.stop())

const STORES: [string, () => AdminStore][] = [
  ['in memory', memoryAdmins],
  ['in DynamoDB', () => dynamoAdmins(embedded.dynamo, TOKENS)],
]

describe.each(STORES)('%s', (_, open) => {
  let store: AdminStore
  beforeEach(async () => {
    store = open()
    await store.remove('root')
  })

  it('keeps administrators, each revision written once', async () => {
    expect(await store.save(root, 0)).toBe(true)
    expect(await store.save(root, 0)).toBe(false)
    expect(await store.save({ ...root, failures: 1, rev: 2 }, 1)).toBe(true)
    expect(await store.save({ ...root, failures: 2, rev: 2 }, 1)).toBe(false)
    expect(await store.get('root')).toEqual({ ...root, failures: 1, rev: 2 })
    expect(await store.all()).toEqual([{ ...root, failures: 1, rev: 2 }])
  })

  it('forgets an administrator once', async () => {
    await store.save(root, 0)
    expect(await store.remove('root')).toBe(true)
    expect(await store.remove('root')).toBe(false)
    expect(await store.get('root')).toBeUndefined()
    expect(await store.all()).toEqual([])
  })

  it('does not keep what a caller changes later', async () => {
    await store.save(root, 0)
    const copy = (await store.get('root'))!
    copy.password.mac = 'changed'
    expect((await store.get('root'))!.password.mac).toBe('m')
  })
})

it('whoever takes sessions sees when they ended, and nothing else of an administrator', async () => {
  const store = dynamoAdmins(embedded.dynamo, TOKENS)
  const sessions = dynamoAdminSessions(embedded.dynamo, TOKENS)
  await store.remove('root')
  expect(await sessions.get('root')).toBeUndefined()
  await store.save({ ...root, sessionsFrom: 7 }, 0)
  const { sessionsFrom, ...rest } = (await sessions.get('root'))!
  expect(sessionsFrom).toBe(7)
  expect(Object.keys(rest)).toEqual(['pk'])
})
