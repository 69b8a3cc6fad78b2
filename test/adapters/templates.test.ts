import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cachedTemplates } from '../../functions/adapters/cached-templates.ts'
import { dynamoTemplates } from '../../functions/adapters/dynamo-templates.ts'
import { memoryTemplates } from '../../functions/adapters/memory-templates.ts'
import { type Embedded, startEmbeddedDynamo, TOKENS } from '../support/embedded-dynamo.ts'
import { templateSuite } from './template-suite.ts'

templateSuite('memory', async () => memoryTemplates())

let embedded: Embedded
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
})
afterAll(() => embedded.stop())

templateSuite('DynamoDB', async () => {
  const store = dynamoTemplates(embedded.dynamo, TOKENS)
  for (const { name } of await store.list()) await store.remove(name)
  return store
})

it('templates of the largest size fit an item', async () => {
  const store = dynamoTemplates(embedded.dynamo, TOKENS)
  const html = 'x'.repeat(102_000)
  const inline = [{ cid: 'x', type: 'image/png', base64: 'A'.repeat(277_000) }]
  await store.put({ name: 'big', text: '{otp}', html, inline, savedAt: 1 })
  expect((await store.get('big'))!.inline[0]!.base64).toHaveLength(277_000)
})

describe('cached templates', () => {
  function cachedStore() {
    const store = memoryTemplates()
    let now = 0
    let reads = 0
    const counted = {
      get: (name: string) => {
        reads++
        return store.get(name)
      },
    }
    const templates = cachedTemplates(counted, { maxAgeMs: 1000, clock: () => now })
    return { store, templates, reads: () => reads, advance: (ms: number) => void (now += ms) }
  }

  it('are read once while they are fresh, also those that are not there', async () => {
    const { store, templates, reads, advance } = cachedStore()
    expect(await templates.get('a')).toBeUndefined()
    await store.put({ name: 'a', text: '{otp}', inline: [], savedAt: 1 })
    advance(999)
    expect(await templates.get('a')).toBeUndefined()
    expect(reads()).toBe(1)
    advance(1)
    expect(await templates.get('a')).toMatchObject({ text: '{otp}' })
  })

  it('are kept apart by name', async () => {
    const { store, templates } = cachedStore()
    await store.put({ name: 'a', text: 'a {otp}', inline: [], savedAt: 1 })
    await store.put({ name: 'b', text: 'b {otp}', inline: [], savedAt: 1 })
    const texts = await Promise.all(['a', 'b', 'a'].map((name) => templates.get(name)))
    expect(texts.map((one) => one!.text)).toEqual(['a {otp}', 'b {otp}', 'a {otp}'])
  })
})
