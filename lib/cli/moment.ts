import { UsageError } from './errors.ts'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const ABSOLUTE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/

/**
 * A time of the command line as the operator's function takes it: `2026-11-21`,
 * `2026-11-21T12:00:00Z`, or as long ago as `30m`, `12h` or `7d`.
 */
export function readMoment(name: string, text: string, now: number): string {
  const [, amount, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
  if (amount !== undefined) return new Date(now - Number(amount) * UNITS[unit]!).toISOString()
  if (ABSOLUTE.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new UsageError(
    `--${name} takes a time such as 2026-11-21 or 2026-11-21T12:00:00Z, or how long ago: 30m, 12h, 7d.`,
  )
}
