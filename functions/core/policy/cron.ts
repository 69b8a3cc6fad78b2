import type { Kind, Reading } from '../setting-kinds.ts'
import { excludedBy } from './match-list.ts'

/** One entry of LinOTP's `time`: for each field the numbers that fit, undefined for all. */
type Entry = { excludes: boolean; fields: readonly (ReadonlySet<number> | undefined)[] }
export type Cron = readonly Entry[]

type Field = { name: string; min: number; max: number; words?: readonly string[] }

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '),
  },
  { name: 'day of the week', min: 0, max: 7, words: 'sun mon tue wed thu fri sat'.split(' ') },
  { name: 'year', min: 1970, max: 2199 },
]

/**
 * LinOTP's times: `;` between entries of six fields (minute, hour, day of the month, month, day of
 * the week with Sunday 0, year), all of which have to fit; `-` or `!` before an entry excludes. UTC.
 */
export const cron: Kind<Cron> = {
  accepted:
    'six fields such as "* 8-17 * * 1-5 *" in UTC (minute hour day month weekday year), ' +
    'with ; between several and - or ! before those that exclude',
  read(text) {
    const entries: Entry[] = []
    for (const part of text.split(';').map((each) => each.trim())) {
      if (part === '') continue
      const reading = readEntry(part)
      if ('refused' in reading) return reading
      entries.push(reading.value)
    }
    if (entries.every(({ excludes }) => excludes)) {
      return { refused: 'only excludes, so that no time is left; begin with * * * * * *' }
    }
    return { value: entries }
  },
}

function readEntry(part: string): Reading<Entry> {
  const excluded = excludedBy(part)
  const texts = (excluded ?? part).trim().split(/\s+/)
  if (texts.length !== FIELDS.length) {
    return { refused: `has ${texts.length} fields instead of ${FIELDS.length} in "${part}"` }
  }
  const fields: (ReadonlySet<number> | undefined)[] = []
  for (const [index, text] of texts.entries()) {
    const numbers = text === '*' ? undefined : numbersIn(text, FIELDS[index]!)
    if (numbers?.size === 0) return { refused: `has no ${FIELDS[index]!.name} "${text}"` }
    fields.push(numbers)
  }
  return { value: { excludes: excluded !== undefined, fields } }
}

/** Empty where the text cannot be read. */
function numbersIn(text: string, field: Field): ReadonlySet<number> {
  const numbers = new Set<number>()
  for (const range of text.split(',')) {
    const match = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d{1,4}))?$/.exec(range)
    const [from, to, step] = match ? boundsOf(match, field) : [NaN, NaN, 1]
    if (!(field.min <= from && from <= to && to <= field.max && step > 0)) return new Set()
    for (let number = from; number <= to; number += step) numbers.add(number)
  }
  if (field.words?.[0] === 'sun' && numbers.delete(7)) numbers.add(0)
  return numbers
}

function boundsOf([, first, last, step]: RegExpExecArray, field: Field): [number, number, number] {
  const from = first === undefined ? field.min : numberOf(first, field)
  const open = first === undefined || (last === undefined && step !== undefined)
  const to = last !== undefined ? numberOf(last, field) : open ? field.max : from
  return [from, to, step === undefined ? 1 : Number(step)]
}

function numberOf(text: string, { words, min }: Field): number {
  const word = words?.indexOf(text.toLowerCase()) ?? -1
  if (word >= 0) return word + min
  return /^\d{1,4}$/.test(text) ? Number(text) : NaN
}

/** Whether a moment (Unix milliseconds) fits an entry and is excluded by none. */
export function fitsCron(entries: Cron, now: number): boolean {
  const date = new Date(now)
  const moment = [
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
    date.getUTCFullYear(),
  ]
  const fits = ({ fields }: Entry) =>
    fields.every((numbers, index) => numbers === undefined || numbers.has(moment[index]!))
  const fitting = entries.filter(fits)
  return fitting.length > 0 && !fitting.some(({ excludes }) => excludes)
}
