import type { Kind, Reading } from '../setting-kinds.ts'

/** Days of the week, Monday = 1, and minutes of the day; all bounds included. */
type Range = { fromDay: number; toDay: number; fromMinute: number; toMinute: number }
export type Hours = readonly Range[]

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const RANGE =
  /^([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s*:\s*(\d{1,2})(?::(\d{2}))?\s*-\s*(\d{1,2})(?::(\d{2}))?$/i

/** Hours of the week in UTC, the only clock a Lambda function has. No hours: always. */
export const hours: Kind<Hours> = {
  accepted: 'hours in UTC such as "Mon-Fri: 8:00-18:00, Sat: 9-12"',
  read(text) {
    const ranges: Range[] = []
    for (const part of text === '' ? [] : text.split(',')) {
      const reading = readRange(part.trim())
      if ('refused' in reading) return reading
      ranges.push(reading.value)
    }
    return { value: ranges }
  },
}

function readRange(text: string): Reading<Range> {
  const match = RANGE.exec(text)
  if (!match) return { refused: `holds no range of hours in "${text}"` }

  const [, first = '', last = first, fromHour, fromMinute, toHour, toMinute] = match
  const range = {
    fromDay: DAYS.indexOf(first.toLowerCase()) + 1,
    toDay: DAYS.indexOf(last.toLowerCase()) + 1,
    fromMinute: minuteOfDay(fromHour, fromMinute),
    toMinute: minuteOfDay(toHour, toMinute),
  }
  if (range.fromDay === 0 || range.toDay === 0) return { refused: `names no day in "${text}"` }
  if (Number.isNaN(range.fromMinute + range.toMinute)) {
    return { refused: `names no time of day in "${text}"` }
  }
  if (range.fromDay > range.toDay || range.fromMinute > range.toMinute) {
    return { refused: `ends before it begins in "${text}"; give two ranges` }
  }
  return { value: range }
}

/** NaN if there is no such time. */
function minuteOfDay(hour: string | undefined, minute = '0'): number {
  return Number(hour) < 24 && Number(minute) < 60 ? Number(hour) * 60 + Number(minute) : NaN
}

/** Whether a moment (Unix milliseconds) lies within the hours. */
export function isWithin(ranges: Hours, now: number): boolean {
  const date = new Date(now)
  const day = date.getUTCDay() || 7
  const minute = date.getUTCHours() * 60 + date.getUTCMinutes()
  return ranges.some(
    ({ fromDay, toDay, fromMinute, toMinute }) =>
      fromDay <= day && day <= toDay && fromMinute <= minute && minute <= toMinute,
  )
}
