/** One row of a file with users. */
export type Row = {
  /** Where it begins, from 1. */
  line: number
} & ({ fields: Record<string, unknown> } | { broken: string })

/** A file that cannot be read on: everything behind that line is lost. */
export class FileError extends Error {
  override name = 'FileError'
}

/** Keeps an opened quote or brace that never closes from filling the memory. */
export const LONGEST_ROW = 64 * 1024
