/** An entry of the audit as this wire shows it. */
import { isoSeconds } from '../../core/move-token.ts'
import type { AuditEntry } from '../../core/audit.ts'
import { resolverOf } from '../../core/directory.ts'
import type { Settings } from '../../core/settings.ts'
import { cellText, doubledQuotes } from '../csv-text.ts'

/** In the order of the reference. */
export const AUDIT_COLUMNS = [
  'number',
  'action',
  'success',
  'authentication',
  'serial',
  'date',
  'startdate',
  'duration',
  'token_type',
  'user',
  'realm',
  'administrator',
  'action_detail',
  'info',
  'privacyidea_server',
  'client',
  'user_agent',
  'user_agent_version',
  'log_level',
  'policies',
  'clearance_level',
  'sig_check',
  'missing_line',
  'resolver',
  'thread_id',
  'container_serial',
  'container_type',
] as const

export type AuditView = Record<(typeof AUDIT_COLUMNS)[number], string | number>

/** What is not known is empty. */
export const auditView = (entry: AuditEntry, number: number, settings: Settings): AuditView => ({
  ...NOTHING_KNOWN,
  number,
  action: entry.action,
  success: entry.success ? 1 : 0,
  authentication: entry.authentication ?? '',
  serial: entry.serials.join(','),
  date: isoSeconds(entry.at),
  startdate: isoSeconds(entry.at - entry.ms),
  duration: entry.ms / 1000,
  user: entry.user ?? '',
  realm: entry.realm ?? '',
  administrator: entry.administrator ?? '',
  action_detail: entry.detail ?? '',
  info: entry.reason ?? '',
  client: entry.clientIp,
  log_level: entry.level.toUpperCase(),
  sig_check: entry.signature ?? '',
  resolver: entry.user && entry.realm ? resolverOf({ realm: entry.realm }, settings) : '',
})

const NOTHING_KNOWN = {
  token_type: '',
  privacyidea_server: '',
  user_agent: '',
  user_agent_version: '',
  policies: '',
  clearance_level: '',
  missing_line: '',
  thread_id: '',
  container_serial: '',
  container_type: '',
} as const

/** One line per entry: values between single quotes, in the order of the columns. */
export const auditCsv = (entries: readonly AuditView[]): string =>
  entries
    .map((entry) => `${AUDIT_COLUMNS.map((column) => quoted(String(entry[column]))).join(',')}\n`)
    .join('')

const quoted = (text: string) => `'${doubledQuotes(cellText(text))}'`
