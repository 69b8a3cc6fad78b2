/** The line a function logs per request, read as an entry of the audit. */
import type { AuditEntry, Authentication } from '../core/audit.ts'
import type { Outcome } from '../core/outcome.ts'

const AUTHENTICATION: Readonly<Record<Outcome['outcome'], Authentication>> = {
  accepted: 'ACCEPT',
  passed: 'ACCEPT',
  challenged: 'CHALLENGE',
  asked: 'CHALLENGE',
  rejected: 'REJECT',
}

type Fields = Record<string, unknown>

/** The entry of a line; undefined for a line that tells of anything but a request. */
export function auditEntry(line: string): AuditEntry | undefined {
  const fields = fieldsOf(line)
  if (fields?.message !== 'request') return undefined
  const at = Date.parse(textOf(fields, 'time') ?? '')
  if (Number.isNaN(at)) return undefined
  const outcome = textOf(fields, 'outcome') as Outcome['outcome'] | undefined
  const authentication = outcome && AUTHENTICATION[outcome]
  return {
    at,
    ms: Number(fields.ms ?? 0),
    action: `${textOf(fields, 'method') ?? ''} ${textOf(fields, 'path') ?? ''}`,
    success: authentication
      ? authentication === 'ACCEPT'
      : Number(fields.status) < 400 && fields.refused !== true,
    ...(authentication ? { authentication } : {}),
    ...optional('reason', textOf(fields, 'reason')),
    ...optional('user', textOf(fields, 'user')),
    ...optional('realm', textOf(fields, 'realm')),
    ...optional('administrator', administratorIn(fields)),
    serials: serialsIn(fields),
    clientIp: textOf(fields, 'client_ip') ?? '',
    level: textOf(fields, 'level') ?? '',
  }
}

function fieldsOf(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return value !== null && typeof value === 'object' ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

const optional = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string }

function administratorIn({ actor }: Fields): string | undefined {
  const { username, role } = (actor ?? {}) as { username?: string; role?: string }
  return role === 'admin' ? username : undefined
}

function serialsIn({ serial, serials }: Fields): string[] {
  const all = [...(Array.isArray(serials) ? serials : []), serial]
  return all.filter((one) => typeof one === 'string')
}
