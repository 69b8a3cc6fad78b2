import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  AUDIT_WINDOW,
  type AuditEntry,
  type AuditFilter,
  type AuditLog,
  fitsAudit,
} from '../core/audit.ts'
import type { Clock } from '../core/ports.ts'
import { auditEntry } from './audit-line.ts'

export type CloudWatchAuditOptions = {
  client: CloudWatchLogsClient
  logGroups: readonly string[]
  clock: Clock
}

/** Requests to CloudWatch per log group and search, at most; what is older is then not looked at. */
const MOST_PAGES = 20
/** CloudWatch goes backwards only in what is newer. */
const EARLIEST = Date.UTC(2024, 0, 1)

/** The audit in the functions' own log groups, read newest first. */
export function cloudWatchAudit({ client, logGroups, clock }: CloudWatchAuditOptions): AuditLog {
  async function search(logGroupName: string, filter: AuditFilter, limit: number) {
    const endTime = filter.to ?? clock()
    const query = {
      logGroupName,
      startTime: Math.max(filter.from ?? endTime - AUDIT_WINDOW, EARLIEST),
      endTime,
      filterPattern: filterPattern(filter),
      startFromHead: false,
    }
    const found: AuditEntry[] = []
    let nextToken: string | undefined
    for (let page = 0; page < MOST_PAGES && found.length < limit; page += 1) {
      const command = new FilterLogEventsCommand({ ...query, ...(nextToken && { nextToken }) })
      const response: FilterLogEventsResponse = await client.send(command)
      found.push(...entriesIn(response).filter((entry) => fitsAudit(entry, filter)))
      nextToken = response.nextToken
      if (!nextToken) break
    }
    return found
  }

  return {
    async find(filter, limit) {
      const found = await Promise.all(logGroups.map((group) => search(group, filter, limit)))
      return found
        .flat()
        .toSorted((a, b) => b.at - a.at)
        .slice(0, limit)
    },
  }
}

const entriesIn = ({ events = [] }: FilterLogEventsResponse) =>
  events.flatMap(({ message = '' }) => auditEntry(message) ?? [])

/** Fields of a line that CloudWatch compares, which saves reading the others. */
const COMPARED = { user: 'user', realm: 'realm', client_ip: 'clientIp' } as const
/** What has no meaning of its own within the quotes of a pattern, but for a `*` at the ends. */
const PLAIN = /^\*?[\w.@:/+ -]+\*?$/

/**
 * What CloudWatch itself compares. A value that could mean more than itself there is left out: every
 * line is compared again when it has been read.
 */
function filterPattern(filter: AuditFilter): string {
  const terms = ['$.message = "request"']
  for (const [field, name] of Object.entries(COMPARED)) {
    const value = filter[name]
    if (value !== undefined && PLAIN.test(value)) terms.push(`$.${field} = "${value}"`)
  }
  return `{ ${terms.join(' && ')} }`
}
