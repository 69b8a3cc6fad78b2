import { expect, it } from 'vitest'
import { memoryRecords } from '../../../functions/adapters/memory-records.ts'
import { createChain, DAY, KEY, NOON } from './chain.ts'
import { verifyChain } from '../../../functions/core/records/verify-chain.ts'

it('goes through a chain in parts', async () => {
  const chain = createChain()
  for (let day = 0; day < 4; day++) {
    await chain.append('a', 'b', 'c')
    chain.advance(DAY)
  }
  let checked = 0
  let at
  for (let part = 0; part < 20; part++) {
    const found = await chain.verify({ limit: 2, at })
    if (!found.sound) throw new Error(found.fault)
    checked += found.checked
    at = found.next
    if (!at) break
    expect(found.checked).toBe(2)
  }
  expect(checked).toBe(12)
})

it('asks for nothing that has expired, whether it is gone yet or not', async () => {
  const chain = createChain()
  chain.keepFor(10)
  await chain.append('a', 'b')
  chain.advance(5 * DAY)
  await chain.append('c')
  chain.advance(6 * DAY)
  await chain.append('d')
  expect(await chain.verify()).toMatchObject({ sound: true, checked: 2 })
  const without = { ...chain.records, ofDay: gone(chain.records, '2026-11-21') }
  const ports = { records: without, key: KEY, now: chain.now }
  expect(await verifyChain(ports, { limit: 100 })).toMatchObject({ sound: true, checked: 2 })
})

it('misses the oldest record while it should be there', async () => {
  const chain = createChain()
  await chain.append('a')
  chain.advance(DAY)
  await chain.append('b')
  const without = { ...chain.records, ofDay: gone(chain.records, '2026-11-21') }
  const ports = { records: without, key: KEY, now: chain.now }
  expect(await verifyChain(ports, { limit: 100 })).toEqual({
    ...{ sound: false, checked: 1, seq: 1, fault: 'missing' },
  })
})

it('misses the newest record of a chain of one', async () => {
  const chain = createChain()
  await chain.append('a')
  const without = { ...chain.records, ofDay: gone(chain.records, '2026-11-21') }
  const ports = { records: without, key: KEY, now: chain.now }
  expect(await verifyChain(ports, { limit: 100 })).toMatchObject({ seq: 1, fault: 'truncated' })
})

it('keeps a record no shorter than the one before, so that none goes missing in between', async () => {
  const chain = createChain()
  chain.keepFor(100)
  await chain.append('a')
  chain.keepFor(1)
  await chain.append('b')
  chain.advance(50 * DAY)
  expect(await chain.verify()).toMatchObject({ sound: true, checked: 2 })
})

it('leaves out what was recorded before or after', async () => {
  const chain = createChain()
  for (let day = 0; day < 5; day++) {
    await chain.append(`day${day}`)
    chain.advance(DAY)
  }
  const checked = async (from?: number, to?: number) => (await chain.verify({ from, to })).checked
  expect(await checked(NOON + 2 * DAY)).toBe(3)
  expect(await checked(undefined, NOON + 2 * DAY)).toBe(3)
  expect(await checked(NOON + DAY, NOON + 2 * DAY)).toBe(2)
})

it('knows a chain that was sealed with another key', async () => {
  const chain = createChain()
  await chain.append('a')
  const ports = { records: chain.records, key: Buffer.alloc(32, 8), now: chain.now }
  expect(await verifyChain(ports, { limit: 10 })).toMatchObject({ sound: false, fault: 'head' })
})

const gone = (records: ReturnType<typeof memoryRecords>, lost: string) =>
  async function* (day: string, seq?: number) {
    if (day !== lost) yield* records.ofDay(day, seq)
  }
