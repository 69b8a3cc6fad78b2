/** Where records are kept. */
import type { AuditRecord, ChainHead } from './audit-record.ts'
import type { DeliveryRecord } from './delivery-record.ts'

/** Adds records; what `record` may do. */
export interface RecordWriter {
  /** Where the chain ends; undefined while there is none. */
  head(): Promise<ChainHead | undefined>
  /**
   * Adds records, at most {@link MOST_AT_ONCE}, and moves the head, if the chain still ends at `from`
   * and none of their events was recorded before; else changes nothing.
   */
  append(from: ChainHead | undefined, to: ChainHead, records: AuditRecord[]): Promise<Appended>
  /** Adds a step of a delivery; one that is there already stays as it is. */
  addDelivery(record: DeliveryRecord, expiresAt: number): Promise<void>
}

/** Records that one write can add. */
export const MOST_AT_ONCE = 49

/**
 * - `moved`: the chain ends elsewhere by now
 * - otherwise the ids of the events that were recorded before
 */
export type Appended = 'appended' | 'moved' | { known: string[] }

/** A record and where it was found: a copy elsewhere is none. */
export type FiledRecord = AuditRecord & {
  filed: { day: string; seq: number }
  /** It is filed or indexed by something else than what it says. */
  altered?: true
}

/** Reads records, newest first. */
export interface RecordReader {
  head(): Promise<ChainHead | undefined>
  /** Records filed under a day; with `seq`, from that one on. Sees every completed write. */
  ofDay(day: string, seq?: number): AsyncIterable<FiledRecord>
  /** Records about a user or of a transaction; with `seq`, from that one on. May lag by a second. */
  about(about: About, seq?: number): AsyncIterable<FiledRecord>
  /** Steps of deliveries, of a transaction, a user or a day; with `key`, those before it. */
  deliveries(of: About | { day: string }, key?: string): AsyncIterable<DeliveryRecord>
}

export type About = { user: { login: string; realm: string } } | { transactionId: string }
