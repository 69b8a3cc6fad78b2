/** A chain to look at: 2026-11-21 12:00, a clock that stands still until told. */
import { memoryRecords } from '../../../functions/adapters/memory-records.ts'
import type { AuditEntry } from '../../../functions/core/audit.ts'
import { appendAudit } from '../../../functions/core/records/append-audit.ts'
import type { RecordReader, RecordWriter } from '../../../functions/core/records/record-store.ts'
import { verifyChain, type VerifyOptions } from '../../../functions/core/records/verify-chain.ts'

export const NOON = Date.UTC(2026, 10, 21, 12)
export const KEY = Buffer.alloc(32, 7)
export const DAY = 86_400_000

export const entryOf = (name: string, at = NOON): AuditEntry => ({
  at,
  ms: 3,
  action: `POST /${name}`,
  success: true,
  serials: [],
  clientIp: '192.0.2.1',
  level: 'info',
  user: 'alice',
  realm: 'demo',
})

export function createChain(records: RecordReader & RecordWriter = memoryRecords()) {
  let time = NOON
  let events = 0
  let retentionDays = 365
  const ports = () => ({
    records,
    key: KEY,
    retentionDays,
    now: () => time,
    random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    sleep: async () => {},
  })
  return {
    records,
    ports,
    now: () => time,
    advance: (ms: number) => void (time += ms),
    keepFor: (days: number) => void (retentionDays = days),
    append: (...names: string[]) =>
      appendAudit(
        ports(),
        names.map((name) => ({ eventId: `${++events}`, entry: entryOf(name, time) })),
      ),
    verify: (options: Partial<VerifyOptions> = {}) =>
      verifyChain({ records, key: KEY, now: () => time }, { limit: 1000, ...options }),
    /** Seqs and actions of a day, newest first. */
    async ofDay(day = '2026-11-21') {
      const found = await collected(records.ofDay(day))
      return found.map(({ content }) => `${content.seq} ${content.entry.action.slice(6)}`)
    },
  }
}

/** All that an iteration gives. */
export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
