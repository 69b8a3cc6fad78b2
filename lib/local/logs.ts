/** CloudWatch Logs over what the functions print. */
import { fitsWildcard } from '../../functions/core/wildcard.ts'
import { AwsError, unknownOperation } from './aws-error.ts'
import type { JsonService } from './aws-endpoint.ts'

type Json = Record<string, any>
export type LogEvent = { timestamp: number; message: string }

const MOST_LINES = 10_000
const LARGEST_PAGE = 10_000

/** The last lines of each log group, oldest first. */
export class LogGroups {
  #groups = new Map<string, LogEvent[]>()

  add(group: string, message: string, timestamp = Date.now()): void {
    const events = this.#groups.get(group) ?? []
    this.#groups.set(group, events)
    events.push({ timestamp, message })
    // Every so often is enough, and cheaper than with every line.
    if (events.length > 2 * MOST_LINES) events.splice(0, events.length - MOST_LINES)
  }

  /** Undefined for a group that nothing was printed to. */
  events(group: string): LogEvent[] | undefined {
    return this.#groups.get(group)?.slice(-MOST_LINES)
  }
}

/** FilterLogEvents, with patterns that are conjunctions of `$.name = "value"`. */
export function logsService(groups: LogGroups): JsonService {
  return {
    call(operation, body) {
      if (operation !== 'FilterLogEvents') throw unknownOperation('logs', operation)
      return filterLogEvents(groups, body)
    },
  }
}

function filterLogEvents(groups: LogGroups, request: Json): Json {
  const { logGroupName, startTime = 0, endTime = Infinity, startFromHead = true } = request
  const fits = parsePattern(request.filterPattern ?? '')
  const events = groups.events(logGroupName) ?? []
  const found = events.filter(
    ({ timestamp, message }) => timestamp >= startTime && timestamp <= endTime && fits(message),
  )
  if (!startFromHead) found.reverse()
  const from = Number(request.nextToken ?? 0)
  const to = from + Math.min(request.limit ?? LARGEST_PAGE, LARGEST_PAGE)
  return {
    events: found.slice(from, to).map((event) => ({ ...event, logStreamName: 'local' })),
    searchedLogStreams: [],
    ...(to < found.length ? { nextToken: String(to) } : {}),
  }
}

const CONJUNCTION = /^\{ *(.+?) *\}$/
const COMPARISON = /^\$\.(\w+) *= *"([^"\\]*)"$/

function parsePattern(pattern: string): (message: string) => boolean {
  if (pattern.trim() === '') return () => true
  const terms = CONJUNCTION.exec(pattern.trim())?.[1]?.split(/ *&& */) ?? []
  const comparisons = terms.map((term) => COMPARISON.exec(term))
  if (comparisons.length === 0 || comparisons.includes(null)) {
    throw new AwsError('InvalidParameterException', 'Invalid filter pattern')
  }
  return (message) => {
    const fields = fieldsOf(message)
    return comparisons.every((comparison) => {
      const [, name = '', value = ''] = comparison!
      const field = fields[name]
      return typeof field === 'string' && fitsWildcard(value, field)
    })
  }
}

function fieldsOf(message: string): Json {
  try {
    return Object(JSON.parse(message))
  } catch {
    return {}
  }
}
