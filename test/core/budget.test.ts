import { describe, expect, it } from 'vitest'
import type { Account, OpenChallenge, Token } from '../../functions/core/account.ts'
import {
  addressOf,
  answerable,
  attemptsOf,
  charged,
  freeGuesses,
  liveChallenges,
  mailAllowed,
  outOfGuesses,
  SETTLING,
  unusable,
  withMail,
  wrongToday,
} from '../../functions/core/budget.ts'
import { DAY, HOUR } from '../../functions/core/spans.ts'
import { parseSettings, type Settings } from '../../functions/core/settings.ts'
import { testAccount, testToken } from '../support/accounts.ts'

const NOW = 100 * DAY
const settings = (raw: Record<string, string> = {}): Settings => parseSettings(raw).settings
const DEFAULTS = settings()
const times = (count: number, at = NOW - 1) => Array<number>(count).fill(at)
const open = (changes: Partial<OpenChallenge> = {}): OpenChallenge => ({
  transactionId: '1',
  serial: 'EMONE',
  counter: 1,
  expiresAt: NOW + 1000,
  attempts: 5,
  ...changes,
})
const free = (account: Partial<Account>, raw: Record<string, string> = {}) =>
  freeGuesses(testAccount(account), settings(raw), NOW)

describe('the guesses of an account', () => {
  it('are twenty a day', () => {
    expect(free({})).toBe(20)
    expect(free({ wrong: times(19) })).toBe(1)
    expect(free({ wrong: times(20) })).toBe(0)
  })

  it('are never fewer than none', () => {
    expect(free({ wrong: times(25) })).toBe(0)
  })

  it.each([
    [NOW - DAY + 1, 19],
    [NOW - DAY, 20],
  ])('of the rolling day: one at %i leaves %i', (at, left) => {
    expect(free({ wrong: [at] })).toBe(left)
  })

  it('are reserved by a challenge until it has expired and its last answers are settled', () => {
    const reserved = (expiresAt: number) => free({ open: [open({ expiresAt })] })
    expect(reserved(NOW + 1)).toBe(15)
    expect(reserved(NOW - SETTLING + 1)).toBe(15)
    expect(reserved(NOW - SETTLING)).toBe(20)
  })

  it('stay reserved by a challenge that a newer one replaced', () => {
    expect(free({ open: [open({ superseded: true }), open()] })).toBe(10)
  })

  it('end with the run of wrong answers, too', () => {
    expect(free({ consecutive: 98 })).toBe(2)
    expect(free({ consecutive: 98, open: [open({ attempts: 1 })] })).toBe(1)
    expect(free({ consecutive: 100 })).toBe(0)
    expect(free({ consecutive: 3 }, { 'account.max_consecutive_wrong': '5' })).toBe(2)
  })

  it('follow the settings', () => {
    expect(free({}, { 'account.max_wrong_per_day': '7' })).toBe(7)
  })

  it.each([
    [4, 1],
    [5, 10],
    [6, 50],
    [12, 50],
  ])('are no more than a code of %i digits allows: %i of 50', (digits, most) => {
    const tokens = { A: testToken('A', { digits }), B: testToken('B') }
    const many = { 'account.max_wrong_per_day': '50' }
    expect(free({ tokens }, many)).toBe(most)
    expect(free({ tokens, wrong: times(1) }, many)).toBe(most - 1)
  })

  it.each<[string, Partial<Token>, number]>([
    ['good', {}, 1],
    ['disabled', { enabled: false }, 1],
    ['locked', { failcount: 10 }, 1],
    ['unproven', { rollout: 'verify' }, 1],
    ['revoked', { revoked: true }, 20],
    ['revoked and disabled', { revoked: true, enabled: false }, 20],
    ['simple-pass', { type: 'spass' }, 20],
  ])('are those of the codes that can be mailed: beside a short %s one, %#', (_, state, most) => {
    const tokens = { A: testToken('A', { digits: 4, ...state }), B: testToken('B') }
    expect(free({ tokens })).toBe(most)
  })

  it('are those of a revoked token until the last of its codes is settled', () => {
    const tokens = { A: testToken('A', { digits: 4, revoked: true }), B: testToken('B') }
    const asked = (expiresAt: number) =>
      free({ tokens, open: [open({ serial: 'A', expiresAt, attempts: 0, superseded: true })] })
    expect([asked(NOW + 1), asked(NOW - SETTLING + 1), asked(NOW - SETTLING)]).toEqual([1, 1, 20])
  })

  it.each([
    [99, false],
    [100, true],
    [101, true],
  ])('after %i wrong ones in a row, closed until a reset: %s', (consecutive, closed) => {
    expect(outOfGuesses(testAccount({ consecutive }), DEFAULTS)).toBe(closed)
  })

  it('are shared out in thirds, at least one while there is one', () => {
    const shares = [20, 15, 13, 12, 4, 3, 2, 1, 0].map((left) => attemptsOf(left, 5))
    expect(shares).toEqual([5, 5, 5, 4, 2, 1, 1, 1, 0])
    expect(attemptsOf(20, 10)).toBe(7)
    expect(attemptsOf(20, 1)).toBe(1)
  })
})

describe('wrong answers', () => {
  it('of more than a day ago are left out', () => {
    const account = testAccount({ wrong: [NOW - DAY - 1, NOW - DAY, NOW - DAY + 1, NOW] })
    expect(wrongToday(account, NOW)).toEqual([NOW - DAY + 1, NOW])
  })

  it('are charged to the day, to the run and to each token', () => {
    const account = testAccount(
      { wrong: [1], consecutive: 2 },
      testToken('EMONE'),
      testToken('EMTWO'),
    )
    const after = charged(account, { at: 5, evaluated: 2, serials: ['EMONE', 'EMGONE'] })
    expect(after).toMatchObject({ wrong: [1, 5, 5], consecutive: 4 })
    expect(after.tokens.EMONE!.failcount).toBe(1)
    expect(after.tokens.EMTWO!.failcount).toBe(0)
    expect(Object.keys(after.tokens)).toEqual(['EMONE', 'EMTWO'])
  })

  it('that are none change nothing', () => {
    const account = testAccount()
    expect(charged(account)).toBe(account)
  })
})

describe('challenges of an account', () => {
  const all = [
    open({ transactionId: 'expired', expiresAt: NOW }),
    open({ transactionId: 'older', expiresAt: NOW + 1 }),
    open({ transactionId: 'superseded', superseded: true }),
    open({ transactionId: 'other', serial: 'EMOTHER' }),
    open({ transactionId: 'newer' }),
  ]

  it('live until they expire', () => {
    const ids = liveChallenges(testAccount({ open: all }), NOW).map((one) => one.transactionId)
    expect(ids).toEqual(['older', 'superseded', 'other', 'newer'])
  })

  it('can be answered newest first, unless replaced or of another token', () => {
    const ids = answerable(testAccount({ open: all }), ['EMONE'], NOW).map(
      (one) => one.transactionId,
    )
    expect(ids).toEqual(['newer', 'older'])
  })
})

describe('mails to an address', () => {
  const TO = 'alice@example.org'
  const allowed = (sent: number[], raw: Record<string, string> = {}, to = TO) =>
    mailAllowed(testAccount({ mails: { [TO]: sent } }), to, settings(raw), NOW)

  it('are five an hour', () => {
    expect(allowed(times(4))).toBe(true)
    expect(allowed(times(5))).toBe(false)
    expect(allowed([...times(4), NOW - HOUR])).toBe(true)
    expect(allowed([...times(4), NOW - HOUR + 1])).toBe(false)
  })

  it('are ten a day', () => {
    expect(allowed(times(9, NOW - HOUR))).toBe(true)
    expect(allowed(times(10, NOW - HOUR))).toBe(false)
    expect(allowed([...times(9, NOW - HOUR), NOW - DAY])).toBe(true)
    expect(allowed([...times(9, NOW - HOUR), NOW - DAY + 1])).toBe(false)
  })

  it('are counted for each address alone', () => {
    expect(allowed(times(10), {}, 'other@example.org')).toBe(true)
  })

  it('are not limited where the limit is 0', () => {
    const sent = times(100)
    expect(allowed(sent, { 'mail.per_hour': '0' })).toBe(false)
    expect(allowed(sent, { 'mail.per_day': '0' })).toBe(false)
    expect(allowed(sent, { 'mail.per_hour': '0', 'mail.per_day': '0' })).toBe(true)
  })

  it('are noted for a day', () => {
    const account = testAccount({
      mails: { [TO]: [NOW - DAY, NOW - DAY + 1], 'old@example.org': [NOW - DAY] },
    })
    expect(withMail(account, TO, DEFAULTS, NOW)).toEqual({ [TO]: [NOW - DAY + 1, NOW] })
    const other = withMail(account, 'new@example.org', DEFAULTS, NOW)
    expect(other).toEqual({ [TO]: [NOW - DAY + 1], 'new@example.org': [NOW] })
  })

  it.each([
    ['0', '0', {}],
    ['1', '0', { [TO]: [NOW] }],
    ['0', '1', { [TO]: [NOW] }],
  ])('are noted only where something limits them: %s an hour, %s a day', (hour, day, noted) => {
    const limits = settings({ 'mail.per_hour': hour, 'mail.per_day': day })
    expect(withMail(testAccount(), TO, limits, NOW)).toEqual(noted)
  })

  it.each([
    ['alice@example.org', 'ALICE@Example.ORG'],
    ['alice@bücher.example', 'alice@xn--bcher-kva.example'],
    ['alice@bücher.example', 'Alice@BÜCHER.example'],
  ])('count together for all spellings of it: %s, %s', (one, other) => {
    const limits = settings({ 'mail.per_hour': '1' })
    const account = testAccount({ mails: withMail(testAccount(), one, limits, NOW) })
    expect(mailAllowed(account, other, limits, NOW)).toBe(false)
    expect(Object.values(withMail(account, other, limits, NOW))).toEqual([[NOW, NOW]])
  })

  it('go to the address of the token, or else of the user', () => {
    const account = testAccount({ email: 'user@example.org' })
    expect(addressOf(account, testToken('EM', { email: TO }))).toBe(TO)
    expect(addressOf(account, testToken('EM'))).toBe('user@example.org')
    expect(addressOf({ ...account, email: undefined }, testToken('EM'))).toBeUndefined()
  })
})

describe('a token', () => {
  it.each<[Partial<Token>, ReturnType<typeof unusable>]>([
    [{}, undefined],
    [{ failcount: 9 }, undefined],
    [{ failcount: 10 }, 'locked'],
    [{ failcount: 11 }, 'locked'],
    [{ enabled: false }, 'disabled'],
    [{ revoked: true }, 'revoked'],
    [{ rollout: 'verify' }, 'not_enrolled'],
    [{ revoked: true, enabled: false, failcount: 10 }, 'revoked'],
    [{ enabled: false, failcount: 10 }, 'disabled'],
    [{ validFrom: NOW, validUntil: NOW }, undefined],
    [{ validFrom: NOW + 1 }, 'not_valid_now'],
    [{ validUntil: NOW - 1 }, 'not_valid_now'],
  ])('that is %o: %s', (changes, reason) => {
    expect(unusable(testToken('EM', changes), NOW)).toBe(reason)
  })
})
