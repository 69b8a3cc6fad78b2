import { describe, expect, it } from 'vitest'
import { hours, isWithin } from '../../../functions/core/policy/hours.ts'

/** 16 November 2026 is a Monday. */
const at = (day: number, hour: number, minute = 0, second = 0) =>
  Date.UTC(2026, 10, 15 + day, hour, minute, second)

const within = (text: string, now: number) => {
  const reading = hours.read(text)
  if ('refused' in reading) throw new Error(reading.refused)
  return isWithin(reading.value, now)
}

describe('hours', () => {
  it.each([
    ['Mon-Fri: 09:30-17:30', at(1, 9, 30), true],
    ['Mon-Fri: 09:30-17:30', at(1, 9, 29, 59), false],
    ['Mon-Fri: 09:30-17:30', at(5, 17, 30, 59), true],
    ['Mon-Fri: 09:30-17:30', at(5, 17, 31), false],
    ['Mon-Fri: 09:30-17:30', at(6, 12), false],
    ['mon-fri:9-17, SUN: 0:00-23:59', at(7, 23, 59), true],
    ['Sat - Sun : 9 - 12:15', at(6, 12, 15), true],
    ['Tue: 9-9', at(2, 9, 0, 30), true],
  ])('%s, %i: %s', (text, now, expected) => {
    expect(within(text, now)).toBe(expected)
  })

  it.each([
    'Mon',
    'Mon: 9',
    'Mox: 9-10',
    'Mon: 24-25',
    'Mon: 9:60-10',
    'Fri-Mon: 9-10',
    'Mon: 22-6',
  ])('refuse %s', (text) => {
    expect(hours.read(text)).toHaveProperty('refused')
  })
})
