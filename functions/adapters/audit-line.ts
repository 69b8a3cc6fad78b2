/** The line a function logs per request or command, read as an entry of the audit. */
import type { AddressTrace, AuditEntry, Authentication } from '../core/audit.ts'
import type { Outcome } from '../core/outcome.ts'
import { type LineFields, optionalText, readLine, textOf } from './record-line.ts'

const AUTHENTICATION: Readonly<Record<Outcome['outcome'], Authentication>> = {
  accepted: 'ACCEPT',
  passed: 'ACCEPT',
  challenged: 'CHALLENGE',
  asked: 'CHALLENGE',
  rejected: 'REJECT',
}

/** The entry of a line; undefined for a line that is none of the audit. */
export function auditEntry(line: string): AuditEntry | undefined {
  const fields = readLine(line, 'audit')
  if (!fields) return undefined
  const outcome = textOf(fields, 'outcome') as Outcome['outcome'] | undefined
  const authentication = outcome && AUTHENTICATION[outcome]
  const success = authentication
    ? authentication === 'ACCEPT'
    : Number(fields.status) < 400 && fields.refused !== true
  const isRefused = authentication === undefined ? !success : authentication === 'REJECT'
  return {
    at: fields.at,
    ms: Number(fields.ms ?? 0),
    action: actionOf(fields),
    success,
    ...(authentication ? { authentication } : {}),
    ...(isRefused ? { reason: textOf(fields, 'reason') ?? reasonBy(Number(fields.status)) } : {}),
    ...optionalText('user', textOf(fields, 'user')),
    ...optionalText('realm', textOf(fields, 'realm')),
    ...optionalText('administrator', administratorIn(fields)),
    ...optionalText('transactionId', textOf(fields, 'transaction_id')),
    ...optionalText('detail', textOf(fields, 'detail')),
    ...optionalText('requestId', textOf(fields, 'request_id')),
    ...addressesIn(fields),
    serials: serialsIn(fields),
    clientIp: textOf(fields, 'client_ip') ?? '',
    level: textOf(fields, 'level') ?? '',
  }
}

function actionOf(fields: LineFields): string {
  const command = textOf(fields, 'command')
  if (command !== undefined) return `operator ${command}`
  return `${textOf(fields, 'method') ?? ''} ${textOf(fields, 'path') ?? ''}`
}

/** What a status says where nobody said more. */
function reasonBy(status: number): string {
  if (status >= 500) return 'fault'
  return REASONS[status] ?? 'refused'
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'not_authenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method',
  409: 'conflict',
  413: 'too_long',
}

function administratorIn({ actor }: LineFields): string | undefined {
  const { username, role } = (actor ?? {}) as { username?: string; role?: string }
  return role === 'admin' || role === 'operator' ? username : undefined
}

function addressesIn({ addresses }: LineFields) {
  const { old, new: fresh } = (addresses ?? {}) as { old?: AddressTrace; new?: AddressTrace }
  if (!old && !fresh) return {}
  return { addresses: { ...(old ? { old } : {}), ...(fresh ? { new: fresh } : {}) } }
}

function serialsIn({ serial, serials }: LineFields): string[] {
  const all = [...(Array.isArray(serials) ? serials : []), serial]
  return all.filter((one) => typeof one === 'string')
}
