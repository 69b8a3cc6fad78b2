/** Compares an answer with the recorded one, key by key. */
import type { Json } from './recording.ts'
import type { Mapping } from './mapping.ts'

/** One place where the running service says something else. */
export type Difference = { at: string; recorded: unknown; running: unknown }

type Check = (recorded: Json, running: Json | undefined, context: Context) => boolean
export type Context = {
  mapping: Mapping
  /** `time` of the two answers, Unix seconds. */
  recordedAt: number
  runningAt: number
  /** How long the running answer took, seconds: times it tells may be so far apart. */
  took: number
}

const isNumber: Check = (_, running) => typeof running === 'number'
const isText =
  (pattern: RegExp): Check =>
  (_, running) =>
    typeof running === 'string' && pattern.test(running)

const NAIVE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{6})$/
const HTTP_DATE = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/

/** Microseconds of a recorded second are spent before the answer is; of ours, waiting for the mail. */
const TOLERANCE = 2

/** How long a challenge lives is compared, not when it ends. */
const isAsLongAfter: Check = (recorded, running, { recordedAt, runningAt, took }) => {
  const [was, is] = [secondsOf(recorded), secondsOf(running)]
  if (was === undefined || is === undefined) return recorded === running
  const earlier = was - recordedAt - (is - runningAt)
  return Math.abs(earlier) <= TOLERANCE + took
}

function secondsOf(naive: Json | undefined): number | undefined {
  const found = typeof naive === 'string' ? NAIVE.exec(naive) : null
  return found ? Date.parse(`${found[1]}T${found[2]}Z`) / 1000 : undefined
}

/** Members whose value is another on each run, and what must be true of it. */
const VOLATILE: Record<string, Check> = {
  time: isNumber,
  threadid: (_, running) => Number.isInteger(running),
  signature: isText(/^rsa_sha256_pss:[0-9a-f]{512}$/),
  token: (recorded, running, context) =>
    recorded === '(volatile)'
      ? typeof running === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(running)
      : sameText(recorded, running, context),
  valid_until: isAsLongAfter,
  creation_date: isText(ISO),
  assignment_date: isText(ISO),
  timestamp: isText(HTTP_DATE),
  expiration: isText(HTTP_DATE),
  end_date: isText(/^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/),
  next_pin_change: isText(/^\d{4}-\d\d-\d\dT\d\d:\d\d\+0000$/),
  __timestamp__: isText(/^\d+\.\d+$/),
}

/** Members that are volatile in one place only. */
const VOLATILE_AT: [place: RegExp, check: Check][] = [
  [/\.tokens\.\d+\.id$/, (_, running) => Number.isInteger(running)],
  [/^result\.value\.password$/, isText(/^\w{16}$/)],
]

function volatile(at: string): Check | undefined {
  const name = at.split('.').at(-1)!
  if (Object.hasOwn(VOLATILE, name)) return VOLATILE[name]
  return VOLATILE_AT.find(([place]) => place.test(at))?.[1]
}

const sameText: Check = (recorded, running, { mapping }) => {
  if (typeof recorded === 'number') return mapping.number(recorded) === running
  return typeof recorded === 'string' && typeof running === 'string'
    ? mapping.matches(recorded, running) || mapping.translate(recorded) === running
    : recorded === running
}

/** Every difference between two values, by path. */
export function differences(
  recorded: Json | undefined,
  running: Json | undefined,
  context: Context,
  at = '',
): Difference[] {
  if (recorded === undefined || running === undefined) {
    return recorded === running ? [] : [{ at, recorded, running }]
  }
  const check = isContainer(recorded) ? undefined : volatile(at)
  if (check) return check(recorded, running, context) ? [] : [{ at, recorded, running }]
  if (
    isContainer(recorded) &&
    isContainer(running) &&
    Array.isArray(recorded) === Array.isArray(running)
  ) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(running)])
    return [...names].flatMap((key) => {
      const [was, is] = [memberOf(recorded, key), memberOf(running, key)]
      return differences(was, is, context, at === '' ? key : `${at}.${key}`)
    })
  }
  return sameText(recorded, running, context) ? [] : [{ at, recorded, running }]
}

type Container = Json[] | { [name: string]: Json }
const isContainer = (value: Json): value is Container => typeof value === 'object' && value !== null
const memberOf = (container: Container, key: string): Json | undefined =>
  Object.hasOwn(container, key) ? (container as Record<string, Json>)[key] : undefined
