/**
 * The part of JSON Schema 2020-12 that requests are described in, and checked by: what the OpenAPI
 * document says is what is enforced.
 */
import { refusalClause } from '../../core/address/faults.ts'
import { normaliseAddress } from '../../core/address/normalise-address.ts'
import { MalformedRequestError } from '../errors.ts'
import { MissingParameterError, printable, type Values } from '../parameters.ts'

type Annotations = { readonly description?: string; readonly examples?: readonly unknown[] }

export type TextSchema = Annotations & {
  readonly type: 'string'
  readonly minLength?: number
  /** In code points. */
  readonly maxLength: number
  readonly pattern?: string
  readonly enum?: readonly string[]
  /** A bare mailbox, normalised. The empty string passes, unless `minLength` refuses it. */
  readonly format?: 'idn-email'
  readonly writeOnly?: boolean
}
export type IntegerSchema = Annotations & {
  readonly type: 'integer'
  readonly minimum: number
  readonly maximum: number
  readonly default?: number
}
export type BooleanSchema = Annotations & { readonly type: 'boolean' }
export type MemberSchema = TextSchema | IntegerSchema | BooleanSchema

/** The members of a request. Others are refused. */
export type ObjectSchema = {
  /** Its name among the components of the document. */
  readonly title?: string
  readonly type: 'object'
  readonly properties: Readonly<Record<string, MemberSchema>>
  readonly required?: readonly string[]
  /** At least one of these sets of members is needed. */
  readonly anyOf?: readonly { readonly required: readonly string[] }[]
  readonly additionalProperties: false
}

type ValueOf<S> = S extends { enum: readonly (infer E)[] }
  ? E
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'integer' }
      ? number
      : boolean
type RequiredOf<S extends ObjectSchema> = S['required'] extends readonly (infer R)[] ? R : never

/** What a request that fits a schema holds. */
export type Members<S extends ObjectSchema> = {
  [K in keyof S['properties'] & RequiredOf<S>]: ValueOf<S['properties'][K]>
} & {
  [K in Exclude<keyof S['properties'], RequiredOf<S>>]?: ValueOf<S['properties'][K]>
}

/** No members at all. */
export const NOTHING = {
  type: 'object',
  properties: {},
  additionalProperties: false,
} as const satisfies ObjectSchema

/** The members of a request. Throws a {@link MalformedRequestError} that names the one at fault. */
export function readMembers<S extends ObjectSchema>(schema: S, values: Values): Members<S> {
  for (const [name, value] of values) {
    if (!Object.hasOwn(schema.properties, name)) {
      throw new MalformedRequestError(`${printable(name)} is not accepted here.`, printable(name))
    }
    const complaint = faultOf(schema.properties[name]!, value)
    if (complaint) {
      const reason = addressFault(schema.properties[name]!, value)
      throw new MalformedRequestError(`${name} ${complaint}.`, name, reason)
    }
  }
  const missing = schema.required?.find((name) => !values.has(name))
  if (missing !== undefined) throw new MissingParameterError(missing)
  refuseNoneOf(schema, values)
  const members = [...values].map(
    ([name, value]) => [name, normalised(schema.properties[name]!, value)] as const,
  )
  return Object.fromEntries(members) as Members<S>
}

/** The stable word for what is wrong with an address. */
function addressFault(schema: MemberSchema, value: unknown): string | undefined {
  if (schema.type !== 'string' || !schema.format || typeof value !== 'string') return undefined
  const reading = normaliseAddress(value)
  return 'refused' in reading ? reading.refused.code : undefined
}

/** A value that fits its schema in the one form it is stored in. */
function normalised(schema: MemberSchema, value: unknown): unknown {
  if (schema.type !== 'string' || !schema.format) return value
  const reading = normaliseAddress(value as string)
  return 'refused' in reading ? value : reading.address
}

function refuseNoneOf({ anyOf }: ObjectSchema, values: Values): void {
  if (!anyOf || anyOf.some(({ required }) => required.every((name) => values.has(name)))) return
  const choices = anyOf.map(({ required }) => required.join(' and '))
  const [first] = anyOf[0]!.required
  throw new MalformedRequestError(`Missing parameter: ${choices.join(' or ')}`, first)
}

/** As {@link readMembers}, for a query, where every value is text. */
export function readQuery<S extends ObjectSchema>(schema: S, values: Values): Members<S> {
  const typed = [...values].map(([name, value]) => {
    const number =
      Object.hasOwn(schema.properties, name) && schema.properties[name]!.type === 'integer'
    return [name, number && /^[0-9]{1,9}$/.test(String(value)) ? Number(value) : value] as const
  })
  return readMembers(schema, new Map(typed))
}

/** Whether a value fits; for values that have no request to blame, such as parts of a path. */
export const fits = (schema: MemberSchema, value: unknown) => faultOf(schema, value) === undefined

/** What is wrong with a value, as the end of a sentence. Never quotes the value: it may be a PIN. */
function faultOf(schema: MemberSchema, value: unknown): string | undefined {
  if (schema.type === 'string') return faultOfText(schema, value)
  if (schema.type === 'boolean')
    return typeof value === 'boolean' ? undefined : 'is not true or false'
  const { minimum, maximum } = schema
  const whole = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
  return whole ? undefined : `is not a whole number from ${minimum} to ${maximum}`
}

function faultOfText(schema: TextSchema, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is not a string'
  if (!value.isWellFormed()) return 'is not valid Unicode'
  const { minLength = 0, maxLength, pattern } = schema
  const length = Array.from(value).length
  if (length < minLength)
    return minLength === 1 ? 'is empty' : `is shorter than ${minLength} characters`
  if (length > maxLength) return `has ${length} characters; at most ${maxLength} are accepted`
  if (schema.enum && !schema.enum.includes(value)) return `is not one of ${schema.enum.join(', ')}`
  if (pattern && !new RegExp(pattern, 'u').test(value)) return `does not match ${pattern}`
  if (!schema.format || value === '') return undefined
  const reading = normaliseAddress(value)
  return 'refused' in reading ? refusalClause(reading) : undefined
}
