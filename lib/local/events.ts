/** EventBridge: rules that start functions on a matching event or on a schedule. */
import type { ParameterChange } from './parameters.ts'

export type Event = {
  source: string
  'detail-type': string
  detail: Record<string, unknown>
  [member: string]: unknown
}

type Target = { invoke: (event: unknown) => Promise<unknown> }
export type Rule = { pattern?: EventPattern; everyMs?: number; targets: Target[] }

/** Exact values, `{ "prefix": … }`, or a pattern of members. */
export type EventPattern = { [member: string]: EventPattern | (string | { prefix: string })[] }

/** What became of a target: its function's value, or why it failed. */
export type TargetResult = { value: unknown } | { error: Error }

/** Reads a pattern of the template. Throws on filters that are not offered here. */
export function parsePattern(value: unknown, path = 'EventPattern'): EventPattern {
  const entries = Object.entries(value as object).map(([member, condition]) => {
    const here = `${path}.${member}`
    if (!Array.isArray(condition)) return [member, parsePattern(condition, here)]
    const known = condition.every((one) => typeof one === 'string' || isPrefix(one))
    if (!known) throw new Error(`${here}: only exact values and "prefix" are offered locally`)
    return [member, condition]
  })
  return Object.fromEntries(entries) as EventPattern
}

/** Milliseconds of `rate(5 minutes)`. Throws on any other expression. */
export function parseRate(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? []
  const ms = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }[unit ?? '']
  if (!ms) throw new Error(`${expression}: only rate(…) is offered locally`)
  return Number(count) * ms
}

export class Events {
  #rules: Rule[]
  #region: string
  #timers: NodeJS.Timeout[]

  constructor(rules: Rule[], region: string) {
    this.#rules = rules
    this.#region = region
    this.#timers = rules.flatMap((rule) => (rule.everyMs ? this.#schedule(rule, rule.everyMs) : []))
  }

  /**
   * Starts the targets of every rule that matches. Events that happened together start a target
   * once, with the last of them. Resolves when all have ended; never rejects.
   */
  async publish(events: Event[]): Promise<TargetResult[]> {
    const started = this.#rules.flatMap(({ pattern, targets }) => {
      const event = pattern && events.findLast((one) => matches(pattern, one))
      return event ? targets.map((target) => run(target, event)) : []
    })
    return Promise.all(started)
  }

  stop(): void {
    this.#timers.forEach(clearInterval)
  }

  #schedule(rule: Rule, everyMs: number): NodeJS.Timeout {
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }
    const fire = () => rule.targets.forEach((target) => void run(target, this.#stamped(event)))
    return setInterval(fire, everyMs).unref()
  }

  #stamped(event: Event): Event {
    return { version: '0', time: new Date().toISOString(), region: this.#region, ...event }
  }
}

/** The event SSM sends for a changed parameter. */
export function parameterEvent(prefix: string, change: ParameterChange): Event {
  return {
    version: '0',
    source: 'aws.ssm',
    'detail-type': 'Parameter Store Change',
    time: new Date().toISOString(),
    detail: {
      name: prefix + change.name,
      operation: change.operation,
      type: change.secure ? 'SecureString' : 'String',
    },
  }
}

async function run(target: Target, event: Event): Promise<TargetResult> {
  try {
    return { value: await target.invoke(event) }
  } catch (error) {
    return { error: error as Error }
  }
}

function matches(pattern: EventPattern, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(pattern).every(([member, condition]) => {
    const actual = (value as Record<string, unknown>)[member]
    if (!Array.isArray(condition)) return matches(condition, actual)
    // of a list in the event, one value is enough
    return [actual].flat().some((value) => condition.some((one) => fits(one, value)))
  })
}

const fits = (condition: string | { prefix: string }, value: unknown) =>
  isPrefix(condition) ? String(value).startsWith(condition.prefix) : condition === value

function isPrefix(condition: unknown): condition is { prefix: string } {
  return typeof (condition as { prefix?: unknown }).prefix === 'string'
}
