import type { Clock } from '../ports.ts'
import { DAY } from '../spans.ts'
import {
  type ChainEnd,
  type ChainHead,
  dayOf,
  endAt,
  endBefore,
  GENESIS,
  isSound,
  isSoundHead,
} from './audit-record.ts'
import type { FiledRecord, RecordReader } from './record-store.ts'

export type VerifyPorts = {
  records: Pick<RecordReader, 'head' | 'ofDay'>
  /** The key of the purpose `audit`. */
  key: Uint8Array
  now: Clock
}

export type VerifyOptions = {
  /** Where an earlier part stopped. @default the end of the chain */
  at?: ChainEnd | undefined
  /** Records that were chained before, in Unix milliseconds, are left out. */
  from?: number | undefined
  to?: number | undefined
  /** Records looked at in one part. */
  limit: number
}

/** What came of one part; `next`: there is more to look at. */
export type Verified =
  | { sound: true; checked: number; head?: ChainEnd; next?: ChainEnd }
  | { sound: false; checked: number; seq: number; fault: ChainFault }

/**
 * - `head`: the end of the chain is not what was sealed, or it is gone
 * - `truncated`: the newest records are gone
 * - `missing`: this record is gone
 * - `changed`: this record is not what was sealed, or another one is in its place
 * - `misplaced`: this record belongs elsewhere
 * - `added`: this record was never chained
 */
export type ChainFault = 'head' | 'truncated' | 'missing' | 'changed' | 'misplaced' | 'added'

/**
 * Walks the chain from its newest record to its oldest one that has not expired, in parts. The first
 * record that is not as it should be ends it.
 */
export async function verifyChain(ports: VerifyPorts, options: VerifyOptions): Promise<Verified> {
  const { at } = options
  if (at) return walk(ports, { expected: at, isTip: false }, options)
  const tip = await tipOf(ports)
  if ('fault' in tip) return { sound: false, checked: 0, ...tip }
  const { head } = tip
  const start = options.to === undefined ? head : await endWithin(ports, head, options)
  const found = await walk(ports, { expected: start, isTip: true }, options)
  return found.sound ? { ...found, head } : found
}

type Tip = { head: ChainEnd } | { seq: number; fault: ChainFault }

const TRIES = 5

/** The end of the chain, once nobody is just appending to it. */
async function tipOf(ports: VerifyPorts): Promise<Tip> {
  for (let tries = 1; ; tries++) {
    const head = await ports.records.head()
    if (!head) return withoutHead(ports)
    if (!isSoundHead(ports.key, head)) return { seq: head.seq, fault: 'head' }
    const seq = await behind(ports, head)
    if (seq === undefined) return { head: endOf(head) }
    // Somebody has appended since the head was read, or has put a record behind it.
    if (tries === TRIES) return { seq, fault: 'added' }
  }
}

const endOf = ({ seal: _seal, ...end }: ChainHead): ChainEnd => end

/** A record that is filed behind the head. */
async function behind({ records, now }: VerifyPorts, head: ChainEnd): Promise<number | undefined> {
  for (const day of new Set([dayOf(now()), head.day])) {
    for await (const { filed } of records.ofDay(day)) {
      if (filed.seq > head.seq || day > head.day) return filed.seq
      break
    }
  }
  return undefined
}

/** Days that are searched for records where there is no head. */
const SEARCHED_DAYS = 31

/** A chain that was never begun has no records either. */
async function withoutHead({ records, now }: VerifyPorts): Promise<Tip> {
  for (let days = 0; days < SEARCHED_DAYS; days++) {
    for await (const { filed } of records.ofDay(dayOf(now() - days * DAY))) {
      return { seq: filed.seq, fault: 'head' }
    }
  }
  return { head: GENESIS }
}

/** The newest record that was chained by then, as a place to start from. */
async function endWithin(
  { records }: VerifyPorts,
  head: ChainEnd,
  { to, from = 0 }: VerifyOptions,
): Promise<ChainEnd> {
  const until = to!
  if (until >= Date.parse(head.day) + DAY) return head
  for (let time = until; time >= from - DAY && time > 0; time -= DAY) {
    for await (const record of records.ofDay(dayOf(time))) {
      if (record.content.recordedAt <= until) return endAt(record)
    }
  }
  return GENESIS
}

type Walk = { expected: ChainEnd; isTip: boolean }

async function walk(
  { records, key, now }: VerifyPorts,
  { expected: start, isTip }: Walk,
  { limit, from = 0 }: VerifyOptions,
): Promise<Verified> {
  let expected = start
  let checked = 0
  const isOver = () => expected.seq <= 0 || expected.expiresAt * 1000 <= now()
  const broken = (seq: number, fault: ChainFault) =>
    ({ sound: false, checked, seq, fault }) as const
  const missing = () => broken(expected.seq, isTip && checked === 0 ? 'truncated' : 'missing')

  while (!isOver()) {
    if (checked >= limit) return { sound: true, checked, next: expected }
    const { day } = expected
    for await (const record of records.ofDay(day, expected.seq)) {
      if (isOver()) break
      if (expected.day !== day) return broken(record.filed.seq, 'added')
      if (record.filed.seq !== expected.seq) return missing()
      const fault = faultOf(key, record, expected)
      if (fault) return broken(expected.seq, fault)
      if (record.content.recordedAt < from) return { sound: true, checked }
      checked++
      expected = endBefore(record)
      if (checked >= limit && expected.day === day) break
    }
    if (expected.day === day && checked < limit && !isOver()) return missing()
  }
  return { sound: true, checked }
}

/** What is wrong with a record at its place, which its successor or the head describes. */
const faultOf = (key: Uint8Array, record: FiledRecord, { hash }: ChainEnd) =>
  recordFault(key, record) ?? (record.hash === hash ? undefined : 'changed')

/** What is wrong with a record by itself. */
export function recordFault(
  key: Uint8Array,
  record: FiledRecord,
): 'changed' | 'misplaced' | undefined {
  const { filed, content, altered } = record
  if (!isSound(key, record)) return 'changed'
  if (filed.seq !== content.seq || filed.day !== content.day) return 'misplaced'
  return altered ? 'changed' : undefined
}
