/** Searches the records, newest first, in pages. */
import { AUDIT_WINDOW, type AuditEntry, type AuditFilter, fitsAudit } from '../audit.ts'
import type { Clock } from '../ports.ts'
import { DAY } from '../spans.ts'
import { dayOf } from './audit-record.ts'
import { type DeliveryFilter, deliveryKey, type DeliveryRecord } from './delivery-record.ts'
import type { About, FiledRecord, RecordReader } from './record-store.ts'

/** What is looked for; `who` and `transactionId` are found by an index. */
export type RecordFilter = AuditFilter & {
  who?: { login: string; realm: string } | undefined
  transactionId?: string | undefined
  authentication?: AuditEntry['authentication'] | undefined
}

export type PageOptions = { cursor?: string | undefined; limit: number }
/** A page may be short, even empty, and still have a `next`. */
export type RecordPage<T> = { items: T[]; next?: string }

/** Records a page goes through, at most. */
const MOST_LOOKED_AT = 5000

/** A cursor that was not made here. */
export class BadCursorError extends Error {
  override name = 'BadCursorError'
}

/** The next records that fit; of all users and transactions, by default those of a day. */
export async function searchAudit(
  { records, now }: { records: RecordReader; now: Clock },
  filter: RecordFilter,
  { cursor, limit }: PageOptions,
): Promise<RecordPage<FiledRecord>> {
  const place = cursor === undefined ? undefined : readAuditCursor(cursor)
  const to = filter.to ?? now()
  const about = aboutOf(filter)
  const from = filter.from ?? (about ? 0 : to - AUDIT_WINDOW)
  const period = { from: dayOf(from), to: place?.day ?? (await latestDay(records, to)) }
  const found = about ? records.about(about, place?.seq) : inChain({ records, now }, period, place)
  const fits = ({ content: { entry } }: FiledRecord) =>
    entry.at >= from &&
    entry.at <= to &&
    fitsAudit(entry, filter) &&
    (filter.authentication === undefined || filter.authentication === entry.authentication) &&
    (filter.transactionId === undefined || filter.transactionId === entry.transactionId)
  return pageOf(found, fits, ({ filed }) => `${filed.day}/${filed.seq}`, limit)
}

/** An entry may have been filed later than it happened, but not under a day that is yet to come. */
async function latestDay(records: RecordReader, to: number): Promise<string> {
  const last = (await records.head())?.day ?? ''
  const next = dayOf(to + DAY)
  return last < next ? last : next
}

const aboutOf = ({ who, transactionId }: RecordFilter): About | undefined =>
  transactionId !== undefined ? { transactionId } : who && { user: who }

/** The next steps of deliveries that fit; of all users, by default those of a day. */
export async function searchDeliveries(
  { records, now }: { records: RecordReader; now: Clock },
  filter: DeliveryFilter,
  { cursor, limit }: PageOptions,
): Promise<RecordPage<DeliveryRecord>> {
  const before = cursor === undefined ? undefined : readDeliveryCursor(cursor)
  const to = filter.to ?? now()
  const { transactionId, user } = filter
  const about = transactionId !== undefined ? { transactionId } : user && { user }
  const from = filter.from ?? (about ? 0 : to - AUDIT_WINDOW)
  const latest = before?.slice(0, 10) ?? dayOf(to)
  const found = about
    ? records.deliveries(about, before)
    : byDays({ records, now }, { from: dayOf(from), to: latest }, before)
  const fits = (record: DeliveryRecord) =>
    record.at >= from &&
    record.at <= to &&
    (user === undefined || (record.user === user.login && record.realm === user.realm)) &&
    (filter.provider === undefined || triedBy(record).includes(filter.provider)) &&
    (filter.state === undefined || record.state === filter.state)
  return pageOf(found, fits, deliveryKey, limit)
}

const triedBy = ({ provider, attempts = [] }: DeliveryRecord) => [
  provider,
  ...attempts.map((attempt) => attempt.provider),
]

/** The longest that a setting keeps records, and what DynamoDB may take to remove them. */
const LONGEST_KEPT = { audit: 3653 * DAY, delivery: 368 * DAY }

const dayBefore = (day: string) => dayOf(Date.parse(day) - DAY)

type Days = { from: string; to: string }

/** The records of these days; each tells the day of the one before, so that no day is tried in vain. */
async function* inChain(
  { records, now }: { records: RecordReader; now: Clock },
  { from, to }: Days,
  place: { day: string; seq: number } | undefined,
): AsyncIterable<FiledRecord> {
  const earliest = laterOf(from, dayOf(now() - LONGEST_KEPT.audit))
  for (let day = to; day >= earliest;) {
    let last: FiledRecord | undefined
    for await (const record of records.ofDay(day, day === place?.day ? place.seq : undefined)) {
      yield record
      last = record
    }
    const { day: linked = '', expiresAt = 0 } = last?.content.before ?? {}
    if (last && expiresAt * 1000 <= now()) return
    day = linked !== '' && linked < day ? linked : dayBefore(day)
  }
}

async function* byDays(
  { records, now }: { records: RecordReader; now: Clock },
  { from, to }: Days,
  before: string | undefined,
): AsyncIterable<DeliveryRecord> {
  const earliest = laterOf(from, dayOf(now() - LONGEST_KEPT.delivery))
  for (let day = to; day >= earliest; day = dayBefore(day))
    yield* records.deliveries({ day }, before)
}

const laterOf = (one: string, other: string) => (one > other ? one : other)

async function pageOf<T>(
  found: AsyncIterable<T>,
  fits: (item: T) => boolean,
  keyOf: (item: T) => string,
  limit: number,
): Promise<RecordPage<T>> {
  const items: T[] = []
  let last: T | undefined
  let looked = 0
  for await (const item of found) {
    // Known only now that the page before was not the end.
    if (last !== undefined && (items.length >= limit || looked >= MOST_LOOKED_AT)) {
      return { items, next: Buffer.from(keyOf(last)).toString('base64url') }
    }
    if (fits(item)) items.push(item)
    looked++
    last = item
  }
  return { items }
}

function readAuditCursor(cursor: string): { day: string; seq: number } {
  const [, day, seq] = /^(\d{4}-\d\d-\d\d)\/(\d{1,15})$/.exec(plain(cursor)) ?? []
  if (day === undefined || Number.isNaN(Date.parse(day))) throw new BadCursorError()
  return { day, seq: Number(seq) - 1 }
}

function readDeliveryCursor(cursor: string): string {
  const key = plain(cursor)
  const [, time = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)#[\w:./-]{1,200}$/.exec(key) ?? []
  if (Number.isNaN(Date.parse(time))) throw new BadCursorError()
  return key
}

const plain = (cursor: string) => Buffer.from(cursor, 'base64url').toString()
