/** What people and administrators do, each with what must come of it. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { enrolToken } from '../../functions/core/enrol-token.ts'
import {
  deleteToken,
  resetFailures,
  setEnabled,
  setPin,
} from '../../functions/core/manage-tokens.ts'
import { otherThan } from '../support/world.ts'
import {
  atRisk,
  type Code,
  countWrong,
  DAY,
  type Expected,
  failPin,
  HOUR,
  isAlive,
  letsIn,
  loggedIn,
  mailIsAllowed,
  mostReserved,
  newest,
  pinIsLookedAt,
} from './expected.ts'
import type { Real } from './real.ts'

const GUESSES_PER_DAY = 20
export const PEOPLE = 2

type Command = fc.AsyncCommand<Expected, Real>

/** A command that is always possible; afterwards as many mails must have gone out as expected. */
function command(name: string, act: (model: Expected, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await act(model, real)
      expect(real.world.mails.length).toBe(model.mails)
    },
    toString: () => name,
  }
}

const who = fc.nat({ max: PEOPLE - 1 })
const pin = fc.constantFrom('', '1234', 'secret')
/** How many codes ago: mostly the newest. */
const age = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3)
/** Mostly so. */
const mostly = fc.constantFrom(true, true, true, true, true, false)

export const enrolment = (index: number, pin: string) =>
  command(`enrol(${index}, '${pin}')`, async (model, real) => {
    const person = model.people[index]!
    const serial = real.serial(index)
    const account = await real.account(index)
    expect(await enrolToken(real.world.ports, { account, serial, pin })).toMatchObject({
      enrolled: true,
    })
    // enrolling anew keeps the PIN that is not given, and what an administrator disabled
    const { pin: oldPin = '', enabled = true } = person.token ?? {}
    person.token = { serial, pin: pin || oldPin, enabled }
    for (const code of person.codes) code.dead = true
  })
const enrol = fc.tuple(who, pin).map(([index, pin]) => enrolment(index, pin))

const changePin = fc.tuple(who, pin).map(([index, pin]) =>
  command(`setPin(${index}, '${pin}')`, async (model, real) => {
    const { token } = model.people[index]!
    const changed = await setPin(
      real.world.ports,
      await real.account(index),
      real.serial(index),
      pin,
    )
    expect(changed).toBe(token !== undefined)
    if (token) token.pin = pin
  }),
)

const switchToken = fc.tuple(who, mostly).map(([index, enabled]) =>
  command(`setEnabled(${index}, ${enabled})`, async (model, real) => {
    const { token } = model.people[index]!
    const { ports } = real.world
    const changed = await setEnabled(ports, await real.account(index), real.serial(index), enabled)
    expect(changed).toBe(token !== undefined && token.enabled !== enabled)
    if (token) token.enabled = enabled
  }),
)

const reset = who.map((index) =>
  command(`reset(${index})`, async (model, real) => {
    const person = model.people[index]!
    await resetFailures(real.world.ports, await real.account(index), real.serial(index))
    if (person.token) person.tries = 0
  }),
)

const remove = who.map((index) =>
  command(`delete(${index})`, async (model, real) => {
    const person = model.people[index]!
    const removed = await deleteToken(
      real.world.ports,
      await real.account(index),
      real.serial(index),
    )
    expect(removed).toBe(person.token !== undefined)
    delete person.token
    for (const code of person.codes) code.dead = true
  }),
)

const trigger = fc.tuple(who, mostly, pin).map(([index, knows, other]) =>
  command(`trigger(${index}, ${knows ? 'their PIN' : `'${other}'`})`, async (model, real) => {
    const person = model.people[index]!
    const typed = knows ? (person.token?.pin ?? '') : other
    const now = real.world.now()
    const outcome = await real.check(index, typed)
    const reason = outcome.outcome === 'rejected' ? outcome.reason : undefined

    if (!person.token) return expect(reason).toBe('no_token')
    if (!person.token.enabled) return expect(reason).toBe('disabled')
    if (!pinIsLookedAt(person, now)) return expect(reason).toBe('pin_delayed')
    if (typed !== person.token.pin) {
      if (person.token.pin) failPin(person, now)
      return expect(reason).toBe('wrong_pin')
    }
    if (person.token.pin) person.tries = 0
    if (!mailIsAllowed(person, now)) return expect(reason).toBe('mail_limit')
    if (reason === 'guess_budget') {
      return expect(mostReserved(person, now)).toBeGreaterThanOrEqual(GUESSES_PER_DAY)
    }
    expect(outcome.outcome).toBe(model.mailUp ? 'challenged' : 'rejected')
    if (!model.mailUp) expect(reason).toBe('mail_failed')

    const [derived, ...more] = real.takeDerived()
    expect(more).toEqual([])
    const cap = await real.capOf(index, derived!.transactionId)
    expect(cap).toBeGreaterThanOrEqual(1)
    expect(cap).toBeLessThanOrEqual(model.attempts)
    if (!model.concurrent) for (const code of person.codes) code.dead = true
    const until = now + model.validSeconds * 1000
    const state = { wrong: 0, used: false, dead: false, mailed: model.mailUp }
    person.codes.push({ ...derived!, until, cap, ...state })
    person.asked.push(now)
    expect(atRisk(person, now)).toBeLessThanOrEqual(GUESSES_PER_DAY)
    if (model.mailUp) {
      model.mails += 1
      expect(real.world.mails.at(-1)!.to).toBe(real.address(index))
    }
  }),
)

/** Answers with a transaction_id; `digitsOf` says what is typed. */
function answer(name: string, index: number, age: number, digitsOf: (code: Code) => string) {
  return command(`${name}(${index}, ${age} ago)`, async (model, real) => {
    const person = model.people[index]!
    const code = person.codes.at(-1 - age)
    if (!code) return
    const now = real.world.now()
    const digits = digitsOf(code)
    const expected = letsIn(person, code, digits, now)
    const outcome = await real.check(index, digits, code.transactionId)
    expect(outcome.outcome).toBe(expected ? 'accepted' : 'rejected')
    if (expected) loggedIn(person, code, { proven: false })
    else if (person.token?.enabled && isAlive(code, now)) countWrong(person, code, now)
  })
}

const answerRight = fc
  .tuple(who, age)
  .map(([index, age]) => answer('answerRight', index, age, ({ digits }) => digits))

const answerWrong = fc
  .tuple(who, age)
  .map(([index, age]) => answer('answerWrong', index, age, ({ digits }) => otherThan(digits)))

const answerForAnother = fc.tuple(who, age).map(([index, age]) =>
  command(`answerForAnother(${index}, ${age} ago)`, async (model, real) => {
    const code = model.people[index]!.codes.at(-1 - age)
    if (!code) return
    const outcome = await real.check((index + 1) % PEOPLE, code.digits, code.transactionId)
    expect(outcome.outcome).toBe('rejected')
  }),
)

const crossed = who.map((index) =>
  command(`answerWithTheCodeOfAnOlderChallenge(${index})`, async (model, real) => {
    const person = model.people[index]!
    const [older, newer] = [person.codes.at(-2), person.codes.at(-1)]
    if (!older || !newer) return
    await answer('crossed', index, 0, () => older.digits).run(model, real)
  }),
)

/** PIN and code in one. */
const pinAndCode = fc.tuple(who, age, fc.boolean()).map(([index, age, right]) =>
  command(`pinAndCode(${index}, ${age} ago, ${right})`, async (model, real) => {
    const person = model.people[index]!
    const code = person.codes.at(-1 - age)
    if (!code || !person.token) return
    const digits = right ? code.digits : otherThan(code.digits)
    const now = real.world.now()
    const outcome = await real.check(index, person.token.pin + digits)
    if (!person.token.enabled || !pinIsLookedAt(person, now)) {
      return expect(outcome.outcome).toBe('rejected')
    }
    const target = newest(person, now)
    const expected = target !== undefined && letsIn(person, target, digits, now)
    expect(outcome.outcome).toBe(expected ? 'accepted' : 'rejected')
    if (expected) return loggedIn(person, target, { proven: true })
    if (person.token.pin) failPin(person, now)
    if (target && isAlive(target, now)) countWrong(person, target, now)
  }),
)

const wait = fc
  .oneof(fc.nat({ max: 20_000 }), fc.constantFrom(1, 10_000, 119_000, 120_000, HOUR, DAY))
  .map((ms) =>
    command(`wait(${ms})`, async (_model, real) => {
      real.world.advance(ms)
    }),
  )

const configure = fc
  .oneof(
    fc.record({ concurrent: fc.boolean() }),
    fc.record({ validSeconds: fc.constantFrom(10, 120, 600) }),
    fc.record({ attempts: fc.constantFrom(1, 3, 5, 10) }),
  )
  .map((change) =>
    command(`configure(${JSON.stringify(change)})`, async (model, real) => {
      Object.assign(model, change)
      real.world.set({
        'email.concurrent_challenges': String(model.concurrent),
        'email.validtime': String(model.validSeconds),
        'challenge.max_attempts': String(model.attempts),
      })
    }),
  )

const mailServer = mostly.map((up) =>
  command(`mail(${up ? 'up' : 'down'})`, async (model, real) => {
    model.mailUp = up
    real.world.mailServer(() =>
      up
        ? { sent: true, reply: '250 ok' }
        : { sent: false, failure: 'transient', reply: '421 later' },
    )
  }),
)

/** The queue tries again what was not sent: codes still worth something go out, as they were. */
const redeliver = fc.constant(
  command('redeliver()', async (model, real) => {
    const now = real.world.now()
    const tried = model.people.flatMap(({ codes }) =>
      codes.filter((code) => !code.mailed && isAlive(code, now)),
    )
    await real.world.deliverAll()
    const sent = new Map(real.takeDerived().map((one) => [one.transactionId, one.digits]))
    for (const code of tried) expect(sent.get(code.transactionId)).toBe(code.digits)
    if (!model.mailUp) return
    for (const code of tried) code.mailed = true
    model.mails += tried.length
  }),
)

const often = <T>(times: number, one: T) => Array<T>(times).fill(one)

export const commands = [
  ...often(8, trigger),
  ...often(6, answerRight),
  ...often(4, answerWrong),
  ...often(4, pinAndCode),
  ...often(2, wait),
  ...often(2, redeliver),
  answerForAnother,
  crossed,
  enrol,
  changePin,
  switchToken,
  reset,
  remove,
  configure,
  mailServer,
]
