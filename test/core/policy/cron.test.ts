import { describe, expect, it } from 'vitest'
import { times } from '../../../functions/core/policy/times.ts'
import { FRIDAY } from './policies.ts'

const SUNDAY = Date.UTC(2026, 10, 22, 23, 59)
const isNow = (text: string, now = FRIDAY) => {
  const reading = times.read(text)
  if ('refused' in reading) throw new Error(reading.refused)
  return reading.value(now)
}

describe('the times of a policy', () => {
  it.each([
    ['', true],
    ['*', true],
    ['Mon-Fri: 9-17', true],
    ['Sat: 9-12', false],
    ['* * * * * *', true],
    ['* 8-17 * * 1-5 *', true],
    ['* 8-17 * * 6,0 *', false],
    ['30 10 20 11 5 2026', true],
    ['31 10 20 11 5 2026', false],
    ['30 11 20 11 5 2026', false],
    ['30 10 21 11 5 2026', false],
    ['30 10 20 12 5 2026', false],
    ['30 10 20 11 4 2026', false],
    ['30 10 20 11 5 2027', false],
    ['*/15 * * * * *', true],
    ['5/25 * * * * *', true],
    ['0-29/2 * * * * *', false],
    ['* * * Nov Fri *', true],
    ['* * * nov-dec mon-thu *', false],
    ['* 1-5 * * * *; * 10 * * * *', true],
    ['* 1-5 * * * *;', false],
    ['* * * * * *; !* 10 * * * *', false],
    ['-* 10 * * 5 *; * * * * * *', false],
    ['* * * * * *; ! * 11 * * * *', true],
  ])('%j hold on a Friday at 10:30 UTC: %s', (text, expected) => {
    expect(isNow(text)).toBe(expected)
  })

  it.each(['* * * * 0 *', '* * * * 7 *', '* * * * 6-7 *', '* * * * sun *'])(
    'know Sunday as %j',
    (text) => {
      expect(isNow(text, SUNDAY)).toBe(true)
      expect(isNow(text)).toBe(false)
    },
  )

  it.each([
    ['* * * * *', 'has 5 fields instead of 6'],
    ['* * * * * * *', 'has 7 fields'],
    ['60 * * * * *', 'has no minute "60"'],
    ['* 24 * * * *', 'has no hour'],
    ['* * 0 * * *', 'has no day of the month'],
    ['* * * 13 * *', 'has no month'],
    ['* * * * 8 *', 'has no day of the week'],
    ['* * * * * 26', 'has no year'],
    ['5-1 * * * * *', 'has no minute'],
    ['*/0 * * * * *', 'has no minute'],
    ['1,,2 * * * * *', 'has no minute'],
    ['x * * * * *', 'has no minute'],
    ['-* * * * * *', 'only excludes'],
    ['; ;', 'only excludes'],
    ['always', 'no range of hours'],
  ])('refuse %j: %s', (text, reason) => {
    expect(times.read(text)).toEqual({ refused: expect.stringContaining(reason) })
  })
})
