/**
 * Lines of the log that are records: those with a field `record`, which are written whatever the
 * level, and which a subscription passes on to where records are kept.
 */

export type RecordKind = 'audit' | 'delivery'

/** The fields of a line, and when it was written in Unix milliseconds. */
export type LineFields = Record<string, unknown> & { at: number }

/** The fields of a line of this kind; undefined for any other. */
export function readLine(line: string, kind: RecordKind): LineFields | undefined {
  const fields = fieldsOf(line)
  if (fields?.record !== kind) return undefined
  const at = Date.parse(textOf(fields, 'time') ?? '')
  return Number.isNaN(at) ? undefined : { ...fields, at }
}

function fieldsOf(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return value !== null && typeof value === 'object' ? (value as LineFields) : undefined
  } catch {
    return undefined
  }
}

export function textOf(fields: Record<string, unknown>, name: string): string | undefined {
  const value = fields[name]
  return typeof value === 'string' ? value : undefined
}

/** A member, or nothing where it has no value. */
export const optionalText = <Name extends string>(name: Name, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string }
