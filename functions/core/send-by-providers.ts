/** Failover: the same mail by one provider after the other, until one has taken it. */
import type { NamedProvider } from './choose-providers.ts'
import type { CircuitBreaker, Pass, Verdict } from './circuit-breaker.ts'
import type { Message, Unwritable } from './deliver-otp.ts'
import { referenceOf } from './mail-reference.ts'
import type { Mail, Mailer, Ports, SendFailure, SendLimits, Sent } from './ports.ts'
import type { ProviderBreakers } from './provider-breakers.ts'
import type { Settings } from './settings.ts'

export type SendPorts = Pick<Ports, 'now' | 'log'> & {
  /** The mailer of a provider; without one, that of the settings that name none. */
  mailer: (settings: Settings, provider?: NamedProvider) => Promise<Mailer>
  /** Writes the mail that carries a code, or says why none can be written. */
  compose: (
    message: Message,
    settings: Settings,
    provider?: NamedProvider,
  ) => Promise<Mail | Unwritable>
  breakers: ProviderBreakers
}

/** A provider to try. */
export type Way = {
  /** As it is called in the log. */
  name: string
  /** Undefined: the one of the settings that have no name for it. */
  provider?: NamedProvider
  /** Why there is nobody of this name. */
  missing?: string
  /** Its settings as text: with others its circuit breaker starts anew. */
  settings: string
}

/** A try that failed. */
export type Attempt = { provider: string; failure: SendFailure; reply: string }

export type Sending = {
  sent: Sent
  /** Who sent it, or was the last to fail; undefined: nobody was asked. */
  provider?: string
  /** In the order they were made. */
  failed: Attempt[]
  /** Whether to try the same reference again. */
  again: boolean
}

/**
 * Milliseconds for all providers together: with what `deliver` does before and after, well below
 * the 30 s of the function and of a claim.
 */
export const BUDGET_MS = 24_000
/** A provider that is not ready for the message by then yields to the next, if there is one. */
export const READY_MS = 3000

/**
 * What the next provider may do at once. After `unknown` the mail may be on its way: the queue tries
 * again, and nobody is mailed twice within a second. Nobody else reaches an address that takes no
 * mail.
 */
const FAILS_OVER: Readonly<Record<SendFailure, boolean>> = {
  transient: true,
  configuration: true,
  quota: true,
  suspended: true,
  unknown: false,
  address: false,
}

/** What passes by itself. */
const PASSES: Readonly<Record<SendFailure, boolean>> = {
  transient: true,
  unknown: true,
  quota: true,
  configuration: false,
  suspended: false,
  address: false,
}

/** An answer about the address is that of a provider that works. */
const VERDICTS: Readonly<Record<SendFailure, Verdict>> = {
  transient: 'fault',
  unknown: 'fault',
  configuration: 'fault',
  quota: 'down',
  suspended: 'down',
  address: 'sound',
}

/**
 * Sends by the first provider that takes it. Those whose circuit breaker is open are left out; if
 * that are all, the one that opened first is tried anyway.
 */
export async function sendByProviders(
  ports: SendPorts,
  ways: readonly Way[],
  message: Message,
  settings: Settings,
): Promise<Sending> {
  const until = Math.min(ports.now() + BUDGET_MS, message.challenge.expiresAt)
  const failed: Attempt[] = []
  for (const turn of turns(ports, ways)) {
    const sent = await attempt(ports, turn, until, message, settings)
    const provider = turn.way.name
    if (sent.sent) return { sent, provider, failed, again: false }
    failed.push({ provider, failure: sent.failure, reply: sent.reply })
    if (!FAILS_OVER[sent.failure] || ports.now() >= until) break
  }
  const { provider, ...last } = failed.at(-1)!
  const passes = failed.length < ways.length || failed.some(({ failure }) => PASSES[failure])
  const again = last.failure !== 'address' && passes
  return { sent: { sent: false, ...last }, provider, failed, again }
}

type Turn = {
  way: Way
  pass: Pass
  /** How many could have a turn after this one. */
  others: number
}

/** Whose turn it is, decided when the one before has failed. */
function* turns({ breakers }: SendPorts, ways: readonly Way[]): Generator<Turn> {
  const breakerOf = ({ name, settings }: Way) => breakers(name, settings)
  const isUsable = (way: Way) => breakerOf(way).state() !== 'open'
  let none = true
  for (const [index, way] of ways.entries()) {
    const pass = breakerOf(way).admit()
    if (!pass) continue
    none = false
    yield { way, pass, others: ways.slice(index + 1).filter(isUsable).length }
  }
  if (none) {
    const way = openedFirst(ways, breakerOf)
    yield { way, pass: breakerOf(way).force(), others: 0 }
  }
}

function openedFirst(ways: readonly Way[], breakerOf: (way: Way) => CircuitBreaker): Way {
  const since = (way: Way) => breakerOf(way).openedAt() ?? 0
  return ways.reduce((first, way) => (since(way) < since(first) ? way : first))
}

/** One try. What is wrong before the provider is asked says nothing about the provider. */
async function attempt(
  ports: SendPorts,
  { way, pass, others }: Turn,
  until: number,
  message: Message,
  settings: Settings,
): Promise<Sent> {
  const prepared = await prepare(ports, way, message, settings)
  if ('sent' in prepared) {
    pass.drop()
    return prepared
  }
  const sent = await send(ports, way, prepared, limitsOf(until - ports.now(), others))
  pass.end(sent.sent ? 'sound' : VERDICTS[sent.failure])
  return sent
}

type Prepared = { mailer: Mailer; mail: Mail }

async function prepare(
  { mailer, compose, log }: SendPorts,
  { name, provider, missing }: Way,
  message: Message,
  settings: Settings,
): Promise<Prepared | Sent> {
  if (missing !== undefined) return { sent: false, failure: 'configuration', reply: missing }
  try {
    const mail = await compose(message, settings, provider)
    if ('unwritable' in mail) {
      return { sent: false, failure: 'configuration', reply: mail.unwritable }
    }
    const reference = referenceOf(message)
    return { mailer: await mailer(settings, provider), mail: { ...mail, reference } }
  } catch (error) {
    log('error', 'mail not prepared', { provider: name, error })
    return { sent: false, failure: 'transient', reply: 'The mail could not be prepared.' }
  }
}

async function send(
  { log }: SendPorts,
  { name }: Way,
  { mailer, mail }: Prepared,
  limits: SendLimits,
): Promise<Sent> {
  try {
    return await mailer.send(mail, limits)
  } catch (error) {
    log('error', 'sending broke off', { provider: name, error })
    return { sent: false, failure: 'unknown', reply: 'The sending broke off.' }
  }
}

/** What is left is shared among all that may have a turn; the last one may have all of it. */
function limitsOf(left: number, others: number): SendLimits {
  const timeoutMs = Math.max(1, left)
  if (others === 0) return { timeoutMs, readyMs: timeoutMs }
  return { timeoutMs, readyMs: Math.min(READY_MS, timeoutMs / (others + 1)) }
}
