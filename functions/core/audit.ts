/** Who did what: requests, and commands of the operator. */
import { fitsWildcard } from './wildcard.ts'

export type Authentication = 'ACCEPT' | 'CHALLENGE' | 'REJECT'

/** One act. Names are of accounts and administrators that exist, never what somebody typed. */
export type AuditEntry = {
  /** When it was answered, Unix time in milliseconds. */
  at: number
  /** How long it took, in milliseconds. */
  ms: number
  /** Method and pattern of the path, `POST /validate/check`, or a command: `operator token.enrol`. */
  action: string
  success: boolean
  /** Of a login: how it ended. */
  authentication?: Authentication
  /** Why it was refused. */
  reason?: string
  user?: string
  realm?: string
  serials: string[]
  transactionId?: string
  /** The administrator who asked, or `operator` with the IAM access key they gave as theirs. */
  administrator?: string
  /** Of a user whose address was changed: the old one and the new one. */
  addresses?: { old?: AddressTrace; new?: AddressTrace }
  /** What it came to, where it was about many. */
  detail?: string
  /** Empty for commands of the operator. */
  clientIp: string
  level: string
  /** Of API Gateway or Lambda, to find it in their logs. */
  requestId?: string
  /** Whether the record is as it was chained; undefined: not looked at. */
  signature?: 'OK' | 'FAIL'
}

/** An address that can be compared with another one, and recognised by whom it belongs to. */
export type AddressTrace = { hash: string; mask: string }

/** What is looked for; in texts `*` stands for any characters. */
export type AuditFilter = {
  /** Unix time in milliseconds. @default a day before `to` */
  from?: number
  /** Unix time in milliseconds. @default now */
  to?: number
  user?: string
  realm?: string
  serial?: string
  action?: string
  administrator?: string
  clientIp?: string
  success?: boolean
}

/** Reads the audit. */
export interface AuditLog {
  /** The newest `limit` entries that fit, newest first. */
  find(filter: AuditFilter, limit: number): Promise<AuditEntry[]>
}

/** How far back is looked when nobody says, in milliseconds. */
export const AUDIT_WINDOW = 24 * 60 * 60 * 1000

/** Whether an entry is one of those looked for, whenever it was. */
export function fitsAudit(entry: AuditEntry, filter: AuditFilter): boolean {
  const fits = (pattern: string | undefined, text = '') =>
    pattern === undefined || fitsWildcard(pattern, text)
  return (
    fits(filter.user, entry.user) &&
    fits(filter.realm, entry.realm) &&
    fits(filter.action, entry.action) &&
    fits(filter.administrator, entry.administrator) &&
    fits(filter.clientIp, entry.clientIp) &&
    (filter.serial === undefined || entry.serials.some((serial) => fits(filter.serial, serial))) &&
    (filter.success === undefined || filter.success === entry.success)
  )
}
