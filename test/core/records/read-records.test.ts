import { describe, expect, it } from 'vitest'
import { appendAudit } from '../../../functions/core/records/append-audit.ts'
import type { DeliveryRecord } from '../../../functions/core/records/delivery-record.ts'
import {
  BadCursorError,
  searchAudit,
  searchDeliveries,
} from '../../../functions/core/records/read-records.ts'
import { createChain, DAY, entryOf, NOON } from './chain.ts'

type Filter = Parameters<typeof searchAudit>[1]

function createSearch() {
  const chain = createChain()
  const ports = { records: chain.records, now: chain.now }
  return {
    ...chain,
    search: async (filter: Filter = {}, limit = 100) => {
      const { items } = await searchAudit(ports, filter, { limit })
      return items.map(({ content }) => content.entry.action.slice(6))
    },
    /** Every page, item by item. */
    async pages(filter: Filter, limit: number) {
      const pages: string[][] = []
      let cursor: string | undefined
      do {
        const page = await searchAudit(ports, filter, { cursor, limit })
        pages.push(page.items.map(({ content }) => content.entry.action.slice(6)))
        cursor = page.next
      } while (cursor)
      return pages
    },
    deliveries: async (filter: Parameters<typeof searchDeliveries>[1], cursor?: string) =>
      searchDeliveries(ports, filter, { cursor, limit: 2 }),
    deliver: (record: Partial<DeliveryRecord>) =>
      chain.records.addDelivery(
        { at: chain.now(), eventId: 'e', state: 'sent', ...record },
        4_000_000_000,
      ),
  }
}

describe('the audit', () => {
  it('shows a day, newest first, unless asked for more', async () => {
    const { append, advance, search } = createSearch()
    await append('old')
    advance(2 * DAY)
    await append('a', 'b')
    expect(await search()).toEqual(['b', 'a'])
    expect(await search({ from: NOON - DAY })).toEqual(['b', 'a', 'old'])
    expect(await search({ from: 0, to: NOON + DAY })).toEqual(['old'])
  })

  it('of a user or a transaction shows all there is', async () => {
    const { ports, advance, search } = createSearch()
    const entries = [entryOf('a'), { ...entryOf('b'), transactionId: '1', user: 'bob' }]
    await appendAudit(
      ports(),
      entries.map((entry) => ({ eventId: entry.action, entry })),
    )
    advance(30 * DAY)
    expect(await search()).toEqual([])
    expect(await search({ who: { login: 'bob', realm: 'demo' } })).toEqual(['b'])
    expect(await search({ transactionId: '1' })).toEqual(['b'])
    expect(await search({ transactionId: '1', user: 'alice' })).toEqual([])
  })

  it('goes on page by page, over days that have nothing', async () => {
    const { append, advance, pages } = createSearch()
    await append('a', 'b', 'c')
    advance(40 * DAY)
    await append('d', 'e')
    expect(await pages({ from: 0 }, 2)).toEqual([['e', 'd'], ['c', 'b'], ['a']])
    const of = { who: { login: 'alice', realm: 'demo' } }
    expect(await pages(of, 3)).toEqual([
      ['e', 'd', 'c'],
      ['b', 'a'],
    ])
  })

  it('asks for few days where there is nothing, however far back it shall look', async () => {
    const { append, advance, records, now } = createSearch()
    await append('a')
    advance(300 * DAY)
    await append('b')
    const asked: string[] = []
    const counting = {
      ...records,
      ofDay(day: string, seq?: number) {
        asked.push(day)
        return records.ofDay(day, seq)
      },
    }
    await searchAudit({ records: counting, now }, { from: 0 }, { limit: 10 })
    expect(asked).toHaveLength(2)
  })

  it.each(['', 'x', Buffer.from('2026-99-99/1').toString('base64url'), '§'])(
    'refuses the cursor %j',
    async (cursor) => {
      const { records, now } = createSearch()
      await expect(searchAudit({ records, now }, {}, { cursor, limit: 1 })).rejects.toThrow(
        BadCursorError,
      )
      await expect(searchDeliveries({ records, now }, {}, { cursor, limit: 1 })).rejects.toThrow(
        BadCursorError,
      )
    },
  )
})

describe('the delivery log', () => {
  it('is found by user, transaction, provider and state, in pages', async () => {
    const { deliver, deliveries } = createSearch()
    const alice = { user: 'alice', realm: 'demo', transactionId: '1' }
    await deliver({ ...alice, eventId: '1', state: 'queued', at: NOON - 3 })
    await deliver({ ...alice, eventId: '2', provider: 'office', at: NOON - 2 })
    await deliver({ ...alice, eventId: '3', state: 'bounced', provider: 'ses', at: NOON - 1 })
    await deliver({ user: 'bob', realm: 'demo', eventId: '4', transactionId: '2' })
    const ids = async (...args: Parameters<typeof deliveries>) =>
      (await deliveries(...args)).items.map(({ eventId }) => eventId)

    expect(await ids({ transactionId: '2' })).toEqual(['4'])
    expect(await ids({ user: { login: 'bob', realm: 'demo' } })).toEqual(['4'])
    expect(await ids({ provider: 'office' })).toEqual(['2'])
    expect(await ids({ state: 'bounced' })).toEqual(['3'])
    const { next } = await deliveries({ transactionId: '1' })
    expect(await ids({ transactionId: '1' })).toEqual(['3', '2'])
    expect(await ids({ transactionId: '1' }, next)).toEqual(['1'])
    const first = await deliveries({})
    expect(await ids({}, first.next)).toEqual(['2', '1'])
  })

  it('knows a provider that was tried in vain', async () => {
    const { deliver, deliveries } = createSearch()
    const attempts = [{ provider: 'office', failure: 'transient', reply: '451' }] as const
    await deliver({ provider: 'ses', attempts: [...attempts] })
    expect((await deliveries({ provider: 'office' })).items).toHaveLength(1)
  })
})
