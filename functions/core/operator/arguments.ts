/** Reads the arguments of a command: one place that says what is wrong and what is accepted. */
import type { Reading } from '../setting-kinds.ts'

/** An argument that is missing, unknown or refused. The message names it and never its value. */
export class InvalidArgumentError extends Error {
  override name = 'InvalidArgumentError'
  readonly parameter: string

  constructor(parameter: string, message: string) {
    super(message)
    this.parameter = parameter
  }
}

/** How one argument is read. */
export type Field<T> = {
  /** What is accepted, as a noun phrase. */
  accepted: string
  /** Gets undefined for an argument that was not given. Never throws. */
  read(value: unknown): Reading<T>
}

type Shape = Readonly<Record<string, Field<unknown>>>
export type Values<S extends Shape> = {
  [Name in keyof S]: S[Name] extends Field<infer T> ? T : never
}

/**
 * The arguments a shape names, read by its fields; those not given are left out of the result.
 * Throws {@link InvalidArgumentError}, also for an argument outside the shape: a misspelt one must
 * not be ignored.
 */
export function readArguments<const S extends Shape>(args: unknown, shape: S): Values<S> {
  const given = isRecord(args) ? args : {}
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(shape, name)) continue
    const known = Object.keys(shape).join(', ')
    const accepted = known === '' ? 'It takes none.' : `Accepted: ${known}.`
    throw new InvalidArgumentError(name, `There is no argument ${name}. ${accepted}`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, { accepted, read }] of Object.entries(shape)) {
    const reading = read(given[name])
    if ('refused' in reading) {
      const message = `${name} ${reading.refused}. Accepted: ${accepted}.`
      throw new InvalidArgumentError(name, message)
    }
    if (reading.value !== undefined) values[name] = reading.value
  }
  return values as Values<S>
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
