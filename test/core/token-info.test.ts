import { describe, expect, it } from 'vitest'
import type { Token } from '../../functions/core/account.ts'
import { deleteInfo, minutes, readMoment, setInfo } from '../../functions/core/token-info.ts'
import { testToken } from '../support/accounts.ts'

const fixed = testToken('EM1', { email: 'a@x.example' })
const dynamic = testToken('EM1')

describe('a moment', () => {
  it.each([
    ['2026-01-31T08:00+0000', Date.UTC(2026, 0, 31, 8)],
    ['2026-01-31T08:00+01:00', Date.UTC(2026, 0, 31, 7)],
    ['2026-01-31T08:00:30Z', Date.UTC(2026, 0, 31, 8, 0, 30)],
    ['2026-13-31T08:00Z', undefined],
    ['2026-01-31', undefined],
    ['2026-01-31T08:00', undefined],
    ['soon', undefined],
  ])('%s is %s', (text, ms) => expect(readMoment(text)).toBe(ms))

  it('is written as it is read', () => {
    const text = '2099-01-01T00:00+0000'
    expect(minutes(readMoment(text)!)).toBe(text)
  })
})

describe('a note', () => {
  it.each<[string, Token, string, string, Partial<Token>]>([
    ['changes a fixed address', fixed, 'email', 'b@x.example', { email: 'b@x.example' }],
    [
      'does not fix an address of the day',
      dynamic,
      'email',
      'b@x.example',
      { info: { email: 'b@x.example' } },
    ],
    ['names a mail server', fixed, 'email.identifier', 'sink', { identifier: 'sink' }],
    ['limits the use', fixed, 'validity_period_end', '1970-01-01T00:01Z', { validUntil: 60_000 }],
    ['is kept', fixed, 'location', 'desk', { info: { location: 'desk' } }],
  ])('%s', (_, token, name, value, changed) => {
    expect(setInfo(token, name, value)).toEqual({ token: { ...token, ...changed } })
  })

  it('makes the address that of the day', () => {
    expect(setInfo(fixed, 'dynamic_email', '1')).toEqual({ token: dynamic })
  })

  it.each([
    ['hashlib', 'sha256'],
    ['validity_period_end', 'soon'],
    ['a/b', 'x'],
    ['long', 'x'.repeat(1001)],
  ])('%s is refused', (name, value) => {
    expect(setInfo(fixed, name, value)).toHaveProperty('refused')
  })

  it('is one of twenty at most', () => {
    const info = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}`, 'x']))
    expect(setInfo({ ...fixed, info }, 'n20', 'x')).toHaveProperty('refused')
    expect(setInfo({ ...fixed, info }, 'n0', 'y')).toHaveProperty('token')
  })

  it('is removed, and with the last one the place for them', () => {
    const noted = { ...fixed, info: { location: 'desk' } }
    expect(deleteInfo(noted, 'location')).toEqual({ token: fixed })
    expect(deleteInfo(fixed, 'location')).toEqual({ token: fixed })
    expect(deleteInfo({ ...fixed, validUntil: 5 }, 'validity_period_end')).toEqual({ token: fixed })
  })

  it('never leaves a token with an address nobody chose', () => {
    expect(deleteInfo(fixed, 'email')).toHaveProperty('refused')
    expect(deleteInfo(dynamic, 'dynamic_email')).toHaveProperty('refused')
  })
})

describe('the validity of codes', () => {
  it('is a note that must be a number of seconds', () => {
    const set = (value: string) => setInfo(fixed, 'challenge_validity_time', value)
    expect(set('600')).toEqual({ token: { ...fixed, info: { challenge_validity_time: '600' } } })
    const refused = { refused: 'is not a whole number from 10 to 86400 seconds' }
    expect(set('soon')).toEqual(refused)
    expect(set('9')).toEqual(refused)
  })
})
