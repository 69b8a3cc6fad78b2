import type { Clock, Log } from '../core/ports.ts'

const RANK = { info: 0, warn: 1, error: 2 } as const

export type JsonLogOptions = {
  now: Clock
  /** The least level that is written. */
  level: () => keyof typeof RANK
  write: (line: string) => void
}

/**
 * One JSON object per line. Of an Error only name and message are written, never its stack. What is to
 * be recorded (`record`) is written whatever the level.
 */
export function jsonLog({ now, level, write }: JsonLogOptions): Log {
  return (severity, message, fields = {}) => {
    if (RANK[severity] < RANK[level()] && fields.record === undefined) return
    const time = new Date(now()).toISOString()
    write(JSON.stringify({ time, level: severity, message, ...fields }, plainErrors))
  }
}

const plainErrors = (_name: string, value: unknown) =>
  value instanceof Error ? `${value.name}: ${value.message}` : value
