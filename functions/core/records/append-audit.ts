import type { AuditEntry } from '../audit.ts'
import type { Clock, Random, Sleep } from '../ports.ts'
import { type ChainHead, endAt, GENESIS, sealHead, sealRecord } from './audit-record.ts'
import { MOST_AT_ONCE, type RecordWriter } from './record-store.ts'

export type AppendPorts = {
  records: Pick<RecordWriter, 'head' | 'append'>
  /** The key of the purpose `audit`. */
  key: Uint8Array
  retentionDays: number
  now: Clock
  random: Random
  sleep: Sleep
}

/** An entry and the log event it was read from. */
export type AuditEvent = { eventId: string; entry: AuditEntry }

/** Too many others append at the same time. Nothing is lost: the events come again. */
export class ChainBusyError extends Error {
  override name = 'ChainBusyError'
}

const MOST_TRIES = 40
/** Milliseconds of the longest pause between two tries. */
const LONGEST_PAUSE = 400

/**
 * Chains entries, each event once however often it comes and however many do this at the same time.
 * Gives the new end of the chain, undefined if nothing was new. What was chained before a fault
 * stays; the same events may be passed again.
 */
export async function appendAudit(
  ports: AppendPorts,
  events: readonly AuditEvent[],
): Promise<ChainHead | undefined> {
  let waiting = [...new Map(events.map((event) => [event.eventId, event])).values()]
  let end: ChainHead | undefined
  for (let tries = 0; waiting.length > 0; tries++) {
    if (tries > MOST_TRIES) throw new ChainBusyError(`${MOST_TRIES} others came first.`)
    const batch = waiting.slice(0, MOST_AT_ONCE)
    const from = await ports.records.head()
    const { to, records } = extend(ports, from, batch)
    const appended = await ports.records.append(from, to, records)
    if (appended === 'moved') {
      await pause(ports, tries)
      continue
    }
    tries = 0
    const done = new Set(appended === 'appended' ? batch.map(eventIdOf) : appended.known)
    waiting = waiting.filter(({ eventId }) => !done.has(eventId))
    if (appended === 'appended') end = to
  }
  return end
}

const eventIdOf = ({ eventId }: AuditEvent) => eventId

function extend(
  { key, retentionDays, now }: AppendPorts,
  from: ChainHead | undefined,
  batch: readonly AuditEvent[],
) {
  const { seal: _seal, ...start } = from ?? { ...GENESIS, seal: '' }
  let end = start
  const records = batch.map((event) => {
    const record = sealRecord(key, end, { ...event, now: now(), retentionDays })
    end = endAt(record)
    return record
  })
  return { records, to: sealHead(key, end) }
}

/** So that those who came at the same time do not come at the same time again. */
async function pause({ random, sleep }: AppendPorts, tries: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE, 10 * 2 ** Math.min(tries, 6))
  await sleep((random(1)[0]! / 256) * longest)
}
