import { MalformedRequestError } from './errors.ts'
import type { HttpRequest } from './request.ts'

/** Longest value of any parameter, in characters. */
const LONGEST_VALUE = 4096
/**
 * Longest values of what becomes part of a key, in characters: whatever they hold, the key stays
 * below the 2048 bytes that DynamoDB accepts.
 */
const LONGEST: ReadonlyMap<string, number> = new Map([
  ['user', 255],
  ['username', 255],
  ['realm', 64],
  ['serial', 44],
  ['transaction_id', 40],
  ['transactionid', 40],
  ['state', 40],
  ['nonce', 255],
])
const MOST_PARAMETERS = 100

/** Values by name. A Map, so that `__proto__` is a name like any other. */
export type Values = Map<string, unknown>

/** Parameters of a request, read on demand with an error that names the one at fault. */
export class Parameters {
  readonly #values: Values

  constructor(values: Values) {
    this.#values = values
  }

  /** The value, `undefined` when absent. Refuses anything but a string, and one too long. */
  text(name: string): string | undefined {
    const value = this.#string(name)
    return value === undefined ? undefined : boundedName(name, value)
  }

  #string(name: string): string | undefined {
    const value = this.#values.get(name)
    if (value === undefined) return undefined
    if (typeof value === 'string') return value
    throw new MalformedRequestError(`${name} is ${kind(value)}; a string is accepted.`, name)
  }

  /** As {@link text}; the empty string counts as absent. */
  named(name: string): string | undefined {
    return this.text(name) || undefined
  }

  /** A string, or a number or boolean written as one. */
  scalar(name: string): string | undefined {
    const value = this.#values.get(name)
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : this.text(name)
  }

  /** Whether a switch is on: anything but absent, empty, `0`, `false`, `no` and `off`. */
  flag(name: string): boolean {
    return !['', '0', 'false', 'no', 'off'].includes((this.scalar(name) ?? '').toLowerCase())
  }

  /** Whether there is a value that Python takes for true: the text `0` is, JSON's `false` is not. */
  truthy(name: string): boolean {
    return Boolean(this.#values.get(name))
  }

  /** Names in a comma list, or in a JSON list of text. */
  listed(name: string): string[] {
    const value = this.#values.get(name)
    const parts = Array.isArray(value)
      ? value
      : bounded(name, this.#string(name) ?? '', LONGEST_VALUE).split(',')
    if (!parts.every((part) => typeof part === 'string')) {
      throw new MalformedRequestError(`${name} holds something that is not text.`, name)
    }
    return parts.map((part) => part.trim()).filter((part) => part !== '')
  }

  /** Everything that was given, as it was given. */
  all(): Record<string, unknown> {
    return Object.fromEntries(this.#values)
  }

  /** A whole number within bounds. */
  integer(name: string, min: number, max: number): number | undefined {
    const value = this.scalar(name)
    if (value === undefined || value === '') return undefined
    const number = Number(value)
    if (Number.isInteger(number) && number >= min && number <= max && /^-?[0-9]+$/.test(value))
      return number
    throw new MalformedRequestError(`${name} is not a whole number from ${min} to ${max}.`, name)
  }

  /** The value; refuses its absence. */
  required(name: string): string {
    const value = this.named(name)
    if (value === undefined) throw new MissingParameterError(name)
    return value
  }

  /** The text of a file of a multipart form, or of a field that holds it; `undefined` when absent. */
  async file(name: string): Promise<string | undefined> {
    const value = this.#values.get(name)
    if (!(value instanceof Blob)) return this.#string(name)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(await value.arrayBuffer())
    } catch {
      throw new MalformedRequestError(`${name} is not text in UTF-8.`, name)
    }
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  names(): string[] {
    return [...this.#values.keys()]
  }
}

/** A parameter that must be there is not. */
export class MissingParameterError extends MalformedRequestError {
  constructor(parameter: string) {
    super(`Missing parameter: ${parameter}`, parameter)
  }
}

/** The value; refuses one that is too long for what its name says it is. */
export const boundedName = (name: string, value: string): string =>
  bounded(name, value, LONGEST.get(name) ?? LONGEST_VALUE)

function bounded(name: string, value: string, longest: number): string {
  const length = value.length <= longest ? value.length : [...value].length
  if (length <= longest) return value
  throw new MalformedRequestError(
    `${name} has ${length} characters; at most ${longest} are accepted.`,
    name,
  )
}

const kind = (value: unknown) =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : `${/^[aeio]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`

/** Name and value pairs as a form or query string writes them. Bad escapes stay as they are. */
export const readPairs = (text: string, lists?: Lists): Values =>
  unique(new URLSearchParams(text), lists)

/** Names that may be given more than once; their values become a list. */
export type Lists = ReadonlySet<string>

/** A JSON object; anything else is refused. */
export function readJson(text: string): Values {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new MalformedRequestError('The body is not valid JSON.')
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new MalformedRequestError(`The body is ${kind(value)}; a JSON object is accepted.`)
  }
  return new Map(Object.entries(value))
}

/** A multipart form. A file is read by {@link Parameters.file} only; as any other value it is refused. */
export async function readMultipart(
  body: Buffer,
  contentType: string,
  lists?: Lists,
): Promise<Values> {
  let form: FormData
  try {
    form = await new Response(new Uint8Array(body), {
      headers: { 'content-type': contentType },
    }).formData()
  } catch {
    throw new MalformedRequestError('The body is not a valid multipart form.')
  }
  return unique(form as unknown as Iterable<[string, unknown]>, lists)
}

function unique(pairs: Iterable<[string, unknown]>, lists?: Lists): Values {
  const values: Values = new Map()
  let count = 0
  for (const [name, value] of pairs) {
    const listed = lists?.has(name)
    if (values.has(name) && !listed) {
      throw new MalformedRequestError(
        `${printable(name)} is given more than once.`,
        printable(name),
      )
    }
    if (count++ === MOST_PARAMETERS) {
      throw new MalformedRequestError(`At most ${MOST_PARAMETERS} parameters are accepted.`)
    }
    values.set(name, listed ? [...((values.get(name) as unknown[]) ?? []), value] : value)
  }
  return values
}

/** A name as it may be shown in an error. */
export const printable = (name: string) => name.replace(/[^ -~]/g, '?').slice(0, 64)

export const contentType = ({ headers }: HttpRequest) =>
  (headers['content-type'] ?? '').toLowerCase()
