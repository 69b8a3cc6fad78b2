/**
 * What must be true of logins, said without the code: who is let in by which code until when, how
 * many mails go out, and what guessing may cost.
 */

export type Code = {
  transactionId: string
  digits: string
  /** Unix milliseconds; from then on it is worth nothing. */
  until: number
  /** Wrong answers it bears. */
  cap: number
  wrong: number
  used: boolean
  /** Replaced by a newer one, or its token is gone. */
  dead: boolean
  mailed: boolean
}

export type Person = {
  token?: { serial: string; pin: string; enabled: boolean }
  /** Oldest first. */
  codes: Code[]
  /** When codes were asked for and granted. */
  asked: number[]
  /** When answers were evaluated and wrong. */
  wrong: number[]
  /** Failed tries of the PIN since the last right one, the time of the last, and the looks left then. */
  tries: number
  triedAt: number
  looks: number
}

export type Expected = {
  people: Person[]
  concurrent: boolean
  validSeconds: number
  attempts: number
  mailUp: boolean
  mails: number
}

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** How long after its end a code may still hold back guesses: a request lives no longer. */
const LONGEST_REQUEST = 30_000

export const newExpected = (people: number): Expected => ({
  people: Array.from({ length: people }, () => ({
    codes: [],
    asked: [],
    wrong: [],
    tries: 0,
    triedAt: 0,
    looks: 0,
  })),
  concurrent: false,
  validSeconds: 120,
  attempts: 5,
  mailUp: true,
  mails: 0,
})

const recent = (times: number[], now: number, span: number) =>
  times.filter((at) => at > now - span).length

/** Whether a code still waits for its answer. */
export const isAlive = (code: Code, now: number) =>
  !code.dead && !code.used && now < code.until && code.wrong < code.cap

/** Whether these digits, given with this transaction_id, let the person in. */
export const letsIn = (person: Person, code: Code, digits: string, now: number) =>
  person.token?.enabled === true && isAlive(code, now) && code.digits === digits

/** The code that PIN and OTP in one are tried against: the newest that was not used or replaced. */
export const newest = ({ codes }: Person, now: number) =>
  codes.findLast(({ dead, used, until }) => !dead && !used && now < until)

/**
 * Looks at the PIN that are left: five while nothing failed. One comes back after 20 s; behind the
 * fifth failure that time doubles with each, up to five minutes.
 */
function looksAt({ tries, triedAt, looks }: Person, now: number): number {
  if (tries === 0) return 5
  const wait = Math.min(5 * MINUTE, 20_000 * 2 ** Math.max(0, tries - 5))
  return Math.min(5, looks + (now - triedAt) / wait)
}

/** Whether a PIN is looked at now. */
export const pinIsLookedAt = (person: Person, now: number) =>
  !person.token?.pin || looksAt(person, now) >= 1

export const mailIsAllowed = ({ asked }: Person, now: number) =>
  recent(asked, now, HOUR) < 5 && recent(asked, now, DAY) < 10

/** Wrong answers of the day, and those that codes still waiting could bring. */
export const atRisk = ({ codes, wrong }: Person, now: number) =>
  recent(wrong, now, DAY) +
  codes
    .filter((code) => isAlive(code, now))
    .reduce((sum, { cap, wrong: spent }) => sum + cap - spent, 0)

/** The most that the service may have set aside of the twenty guesses of a day. */
export const mostReserved = ({ codes, wrong }: Person, now: number) =>
  recent(wrong, now, DAY) +
  codes.filter(({ until }) => now < until + LONGEST_REQUEST).reduce((sum, { cap }) => sum + cap, 0)

export function failPin(person: Person, now: number): void {
  person.looks = looksAt(person, now) - 1
  person.tries += 1
  person.triedAt = now
}

export function countWrong(person: Person, code: Code, now: number): void {
  code.wrong += 1
  person.wrong.push(now)
}

/** `proven`: with the PIN, whose failures are forgotten then; a code alone says nothing of it. */
export function loggedIn(person: Person, code: Code, { proven }: { proven: boolean }): void {
  code.used = true
  if (proven) person.tries = 0
}
