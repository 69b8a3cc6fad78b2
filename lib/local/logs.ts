/** CloudWatch Logs: what the functions print, passed on to those who subscribed to it. */
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnresolvedError } from './cfn.ts'

export type Subscription = {
  group: string
  name: string
  /** Which lines it is about. */
  fits: (message: string) => boolean
  /** Invokes the subscriber with an event; it is told again of what it could not take. */
  invoke: (event: unknown) => Promise<unknown>
}

export type LogsOptions = {
  /** Milliseconds that lines are collected for. @default 100 */
  collectMs?: number
  /** Milliseconds until an event that failed is tried again. @default 1000 */
  retryMs?: number
}

type LogEvent = { id: string; timestamp: number; message: string }
type Waiting = { subscription: Subscription; lines: LogEvent[]; sending: Promise<void> | undefined }

const MOST_LINES = 500
const TRIES = 3
/** CloudWatch promises to pass a line at least once; here it does so twice now and then. */
const TWICE = 10

/**
 * Passes lines on in batches, compressed as CloudWatch does it. One batch at a time, or every group
 * would have a laptop load the subscriber's bundle once more.
 */
export class LogSubscriptions {
  #waiting: Waiting[]
  #collectMs: number
  #retryMs: number
  #batches = 0
  #turn: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(subscriptions: Subscription[], { collectMs, retryMs }: LogsOptions = {}) {
    this.#waiting = subscriptions.map((subscription) => ({
      subscription,
      lines: [],
      sending: undefined,
    }))
    this.#collectMs = collectMs ?? 100
    this.#retryMs = retryMs ?? 1000
  }

  add(group: string, message: string, timestamp = Date.now()): void {
    if (this.#stopped) return
    for (const waiting of this.#waiting) {
      const { subscription, lines } = waiting
      if (subscription.group !== group || !subscription.fits(message)) continue
      lines.push({ id: randomUUID(), timestamp, message })
      waiting.sending ??= this.#send(waiting)
    }
  }

  /** Passes on what has been printed, and takes no more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#waiting.map(({ sending }) => sending))
  }

  async #send(waiting: Waiting): Promise<void> {
    const { subscription, lines } = waiting
    while (lines.length > 0) {
      if (!this.#stopped) await sleep(this.#collectMs)
      const event = eventOf(subscription, lines.splice(0, MOST_LINES))
      await this.#deliver(subscription, event)
      this.#batches += 1
      if (this.#batches % TWICE === 0) await this.#deliver(subscription, event)
    }
    waiting.sending = undefined
  }

  async #deliver({ invoke }: Subscription, event: unknown): Promise<void> {
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        return void (await this.#inTurn(() => invoke(event)))
      } catch {
        // The function has said why it failed.
        if (this.#stopped) return
        await sleep(tries * this.#retryMs)
      }
    }
  }

  #inTurn(task: () => Promise<unknown>): Promise<unknown> {
    const turn = this.#turn.then(task)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function eventOf({ group, name }: Subscription, logEvents: LogEvent[]) {
  const message = {
    messageType: 'DATA_MESSAGE',
    owner: '000000000000',
    logGroup: group,
    logStream: 'local',
    subscriptionFilters: [name],
    logEvents,
  }
  return { awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } }
}

const ALTERNATIVES = /^\{ *(.+?) *\}$/
const COMPARISON = /^\(?\$\.(\w+) *= *"([^"\\*%]*)"\)?$/

/** Reads a filter pattern of the template: `$.name = "value"`, or several of them between `||`. */
export function parseFilterPattern(pattern: string, where: string): (message: string) => boolean {
  const terms = ALTERNATIVES.exec(pattern.trim())?.[1]?.split(/ *\|\| */) ?? []
  const comparisons = terms.map((term) => COMPARISON.exec(term.trim()))
  if (comparisons.length === 0 || comparisons.includes(null)) {
    throw new UnresolvedError(where, `the filter pattern ${pattern} is not offered locally`)
  }
  return (message) => {
    const fields = fieldsOf(message)
    return comparisons.some((comparison) => fields[comparison![1]!] === comparison![2])
  }
}

function fieldsOf(message: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(message))
  } catch {
    return {}
  }
}
