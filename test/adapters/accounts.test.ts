import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { dynamoAccounts } from '../../functions/adapters/dynamo-accounts.ts'
import { memoryAccounts } from '../../functions/adapters/memory.ts'
import type { AccountStore } from '../../functions/core/ports.ts'
import { testAccount } from '../support/accounts.ts'
import { type Embedded, startEmbeddedDynamo, TOKENS } from '../support/embedded-dynamo.ts'
import { newSerial, withToken } from './account-maker.ts'
import { accountStoreSuite } from './account-suite.ts'

describe('accounts in memory', () => {
  const store = memoryAccounts()
  accountStoreSuite(() => store)
})

describe('accounts in DynamoDB', () => {
  let embedded: Embedded
  let store: AccountStore
  beforeAll(async () => {
    embedded = await startEmbeddedDynamo()
    store = dynamoAccounts(embedded.dynamo, TOKENS)
  })
  afterEach(() => embedded.faults.clear())
  afterAll(() => embedded.stop())

  accountStoreSuite(() => store)

  const created = async () => {
    const account = testAccount()
    await store.create(account)
    return account
  }

  it('gives every account when they fill several pages', async () => {
    const bulky = Array.from({ length: 12 }, () => testAccount({ givenname: 'x'.repeat(200_000) }))
    await Promise.all(bulky.map((account) => store.create(account)))
    const seen: string[] = []
    for await (const { key } of store.all()) seen.push(key)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(bulky.map(({ key }) => key)))
    await Promise.all(bulky.map((account) => store.remove(account)))
  })

  describe('when the reply to a write is lost', () => {
    const loseReply = (operation: string) =>
      embedded.faults.add({ service: 'dynamodb', operation, effect: 'lost-reply' })

    it('knows its own save', async () => {
      const account = await created()
      const lost = loseReply('UpdateItem')
      expect(await store.save(account, { ...account, consecutive: 1 })).toEqual({ saved: true })
      expect(lost.struck).toBe(1)
      expect(await store.get(account.key)).toMatchObject({ rev: 1, consecutive: 1 })
    })

    it('does not take the save of another for its own', async () => {
      const account = await created()
      await store.save(account, { ...account, consecutive: 1 })
      loseReply('UpdateItem')
      expect(await store.save(account, { ...account, consecutive: 2 })).toMatchObject({
        saved: false,
        current: { consecutive: 1 },
      })
    })

    it('charges once', async () => {
      const { key } = await created()
      const lost = loseReply('UpdateItem')
      await store.charge(key, { at: 5, evaluated: 1, serials: [] })
      expect(lost.struck).toBe(1)
      expect(await store.get(key)).toMatchObject({ wrong: [5], consecutive: 1 })
    })

    it('charges once when a token is gone, too', async () => {
      const { key } = await created()
      embedded.faults.add({ service: 'dynamodb', operation: 'UpdateItem', effect: 'lost-reply' }, 2)
      await store.charge(key, { at: 5, evaluated: 1, serials: ['EMGONE'] })
      expect(await store.get(key)).toMatchObject({ wrong: [5], consecutive: 1 })
    })

    it('knows the token it added', async () => {
      const account = await created()
      const serial = newSerial()
      const lost = loseReply('TransactWriteItems')
      const result = await store.addToken(account, withToken(account, serial), serial)
      expect(result).toEqual({ saved: true })
      expect(lost.struck).toBe(1)
      expect(await store.findSerial(serial)).toBe(account.key)
    })

    it('knows the token it dropped', async () => {
      const account = await created()
      const serial = newSerial()
      await store.addToken(account, withToken(account, serial), serial)
      const before = (await store.get(account.key))!
      loseReply('TransactWriteItems')
      expect(await store.dropToken(before, { ...before, tokens: {} }, serial)).toEqual({
        saved: true,
      })
      expect((await store.get(account.key))!.tokens).toEqual({})
    })
  })

  it('throws, and changes nothing, while the database is down', async () => {
    const account = await created()
    const down = { status: 500, type: 'InternalServerError' }
    embedded.faults.add({ service: 'dynamodb', effect: down }, 100)
    await expect(store.get(account.key)).rejects.toThrow()
    await expect(store.save(account, { ...account, consecutive: 1 })).rejects.toThrow()
    await expect(store.charge(account.key, { at: 1, evaluated: 1, serials: [] })).rejects.toThrow()
    embedded.faults.clear()
    expect(await store.get(account.key)).toEqual(account)
  })
})
