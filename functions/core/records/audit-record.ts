/**
 * Records of the audit, chained: each is sealed with an HMAC over itself and the seal of the one
 * before, so that none can be changed, removed, moved or added by whoever has no key.
 */
import type { AuditEntry } from '../audit.ts'
import { hmacSha256, sameText } from '../hmac.ts'

/** One record as it is kept. */
export type AuditRecord = {
  content: RecordContent
  /** Seal of the record before. */
  previous: string
  /** HMAC-SHA256 over `previous` and the content, base64url. */
  hash: string
}

/** All that a record says; what is not in here is not sealed. */
export type RecordContent = {
  /** 1 for the first record there ever was, and no number is left out. */
  seq: number
  /** Day (UTC, `2026-11-21`) it is filed under; never before that of the record before. */
  day: string
  /** When it was chained, Unix time in milliseconds. */
  recordedAt: number
  /** Unix time in seconds; from then on it may be gone. Never before that of the record before. */
  expiresAt: number
  /** The log event it was made of. */
  eventId: string
  /** Where the record before is filed, and from when on it may be gone. */
  before: { day: string; expiresAt: number }
  entry: AuditEntry
}

/** Where the chain ends; sealed too, so that it cannot be set back to an earlier record. */
export type ChainHead = ChainEnd & { seal: string }

/** A record as its successor describes it: what must be found there, or be expired. */
export type ChainEnd = { seq: number; hash: string; day: string; expiresAt: number }

/** Stands before the first record. */
export const GENESIS: ChainEnd = Object.freeze({ seq: 0, hash: '-', day: '', expiresAt: 0 })

/** The record that follows the end of a chain, sealed. */
export function sealRecord(
  key: Uint8Array,
  end: ChainEnd,
  { now, retentionDays, eventId, entry }: NewRecord,
): AuditRecord {
  const today = dayOf(now)
  const content = {
    seq: end.seq + 1,
    day: today > end.day ? today : end.day,
    recordedAt: now,
    expiresAt: Math.max(end.expiresAt, Math.ceil(now / 1000) + retentionDays * DAY_SECONDS),
    eventId,
    before: { day: end.day, expiresAt: end.expiresAt },
    entry,
  }
  return { content, previous: end.hash, hash: sealOf(key, end.hash, content) }
}

export type NewRecord = {
  /** Unix time in milliseconds. */
  now: number
  retentionDays: number
  eventId: string
  entry: AuditEntry
}

const DAY_SECONDS = 86_400

/** The UTC day of a time in milliseconds. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Whether a record is as it was sealed. Does not tell whether it is at its place in the chain. */
export const isSound = (key: Uint8Array, { content, previous, hash }: AuditRecord): boolean =>
  sameText(sealOf(key, previous, content), hash)

/** The end of a chain whose last record this is. */
export const endAt = ({ content: { seq, day, expiresAt }, hash }: AuditRecord): ChainEnd => ({
  seq,
  hash,
  day,
  expiresAt,
})

/** The record before, as this one describes it. */
export const endBefore = ({ content: { seq, before }, previous }: AuditRecord): ChainEnd => ({
  seq: seq - 1,
  hash: previous,
  ...before,
})

/** Seals the end of a chain. */
export const sealHead = (key: Uint8Array, end: ChainEnd): ChainHead => ({
  ...end,
  seal: headSeal(key, end),
})

/** Whether a head is as it was sealed. */
export const isSoundHead = (key: Uint8Array, { seal, ...end }: ChainHead): boolean =>
  sameText(headSeal(key, end), seal)

const headSeal = (key: Uint8Array, end: ChainEnd) => mac(key, ['head', canonicalJson(end)])

const sealOf = (key: Uint8Array, previous: string, content: RecordContent) =>
  mac(key, ['record', previous, canonicalJson(content)])

const mac = (key: Uint8Array, parts: readonly string[]) =>
  hmacSha256(key, parts.join('\n')).toString('base64url')

/** JSON with the members of every object in the order of their names, nothing undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    isRecord(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
