/** `/audit/…`: who did what. */
import type { AuditEntry, AuditFilter } from '../../core/audit.ts'
import { DAY, HOUR } from '../../core/spans.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import { textReply } from '../reply.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type AdminCall, type AdminHandler, sharedRoute, valueReply } from './admin-route.ts'
import { AUDIT_COLUMNS, auditCsv, type AuditView, auditView } from './audit-view.ts'
import type { Target } from './caller.ts'
import { readPage } from './page.ts'

/** Entries a search goes through, at most: the newest ones that fit. */
const MOST_ENTRIES = 1000

const search: AdminHandler = async (ports, call) => {
  const found = await findEntries(ports, call)
  const { items, count, current, next, prev } = readPage(call.parameters, found, 'page_size')
  const page = { count, current, next, prev }
  return valueReply({ ...page, auditdata: items, auditcolumns: AUDIT_COLUMNS }, call.frame)
}

const download: AdminHandler = async (ports, call) => {
  const entries = await findEntries(ports, call)
  const file = /^[\w-]+\.csv$/.test(call.path.file!) ? call.path.file : 'audit.csv'
  return textReply(200, auditCsv(entries), 'text/csv; charset=utf-8', {
    'content-disposition': `attachment; filename=${file}`,
  })
}

async function findEntries(
  ports: AdminPorts,
  { caller, parameters }: AdminCall,
): Promise<AuditView[]> {
  caller.require('auditlog')
  const { account, settings } = caller
  const own = account && { user: account.login!, realm: account.realm }
  const filter = { ...readFilter(parameters, ports.now()), ...own }
  const found = await ports.audit.find(filter, MOST_ENTRIES)
  // The name itself may hold a `*`, which a filter takes for more.
  const isOwn = ({ user, realm }: AuditEntry) => user === own?.user && realm === own?.realm
  const visible = found.filter((entry) =>
    own ? isOwn(entry) : caller.may('auditlog', targetOf(entry)),
  )
  const numbered = visible.map((entry, index) => auditView(entry, visible.length - index, settings))
  return parameters.named('sortorder') === 'asc' ? numbered.reverse() : numbered
}

/** Stands for everybody: a policy that is restricted to some users does not match it. */
const ANYBODY = { login: '', realm: '', resolver: '' }

const targetOf = ({ user, realm }: AuditEntry): Target =>
  user === undefined || realm === undefined ? ANYBODY : { login: user, realm }

/** Parameters that a text is looked for by. */
const PATTERNS = {
  user: 'user',
  serial: 'serial',
  action: 'action',
  administrator: 'administrator',
  client: 'clientIp',
} as const

function readFilter(parameters: Parameters, now: number): AuditFilter {
  const filter: AuditFilter = {}
  for (const [parameter, name] of Object.entries(PATTERNS)) {
    const pattern = readPattern(parameters, parameter)
    if (pattern !== undefined) filter[name] = pattern
  }
  const realm = readPattern(parameters, 'realm')?.toLowerCase()
  const success = readPattern(parameters, 'success')
  const timeLimit = readTimeLimit(parameters)
  return {
    ...filter,
    ...(realm === undefined ? {} : { realm }),
    ...(success === undefined ? {} : { success: parameters.flag('success') }),
    ...(timeLimit === undefined ? {} : { from: now - timeLimit }),
  }
}

/** Nothing but `*` stands for whatever there is, and for nothing as well. */
function readPattern(parameters: Parameters, name: string): string | undefined {
  const pattern = parameters.scalar(name)
  return pattern === undefined || /^\**$/.test(pattern) ? undefined : pattern
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: HOUR,
  d: DAY,
  y: 365 * DAY,
}

/** How far back to look, in milliseconds. */
function readTimeLimit(parameters: Parameters): number | undefined {
  const text = parameters.named('timelimit')
  if (text === undefined) return undefined
  const [, number, unit] = /^(\d{1,5})([smhdy])$/.exec(text) ?? []
  if (number && unit) return Number(number) * UNITS[unit]!
  throw new MalformedRequestError('timelimit is not a time like 30m, 12h or 7d.', 'timelimit')
}

export const AUDIT_ROUTES = [
  sharedRoute('GET', '/audit/', search),
  sharedRoute('GET', '/audit', search),
  sharedRoute('GET', '/audit/{file}', download),
]
