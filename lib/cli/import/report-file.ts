import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { CommandFailure } from '../errors.ts'

/** A row that was not imported. Never holds a value of it but the name of its user. */
export type SkippedRow = {
  file: string
  line: number
  /** From 1; tells rows of one line apart. */
  row: number
  user?: string
  column?: string
  reason: string
}

export type ReportFile = {
  /** Appends a line; returns the length of the file in bytes. */
  add(row: SkippedRow): void
  length(): number
  close(): void
}

/** Opens a report of JSON lines and goes on behind what is known to be done. */
export function openReport(path: string, known: number): ReportFile {
  let length = known
  const file = opened(path)
  ftruncateSync(file, known)
  return {
    add(row) {
      const line = Buffer.from(`${JSON.stringify(row)}\n`)
      writeSync(file, line, 0, line.length, length)
      length += line.length
    },
    length: () => length,
    close: () => closeSync(file),
  }
}

function opened(path: string): number {
  const [create, mode] = ['a+', 0o600] as const
  try {
    closeSync(openSync(path, create, mode))
    // Appending files ignore positions.
    return openSync(path, 'r+')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new CommandFailure(`${path} cannot be written (${code}).`, { cause: error })
  }
}
