import type { Logged } from '../application.ts'
import type { Reply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import type { PathValues } from '../router.ts'
import type { Members, NOTHING, ObjectSchema } from './schema.ts'

/** A schema of a reply. It describes; nothing is checked by it but the tests. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** One of the replies an operation has. Without a schema: a problem for 4xx, nothing for others. */
export type ReplyDoc = {
  readonly description: string
  readonly schema?: JsonSchema
  readonly example?: unknown
  /** Names the resource that was made. */
  readonly location?: boolean
}

/**
 * Who may ask:
 * - `open`: anybody
 * - `login`: whom the settings admit, by network or API key
 * - `admin`: administrators
 * - `self`: people with a session of the self-service
 */
export type Access = 'open' | 'login' | 'admin' | 'self'

/** Finds out who asks, or throws to refuse. */
export type Admit<P> = (ports: P, request: HttpRequest) => Promise<unknown>

/** One request, read and checked. */
export type Call<B extends ObjectSchema, Q extends ObjectSchema> = {
  request: HttpRequest
  path: PathValues
  query: Members<Q>
  body: Members<B>
  /** What {@link OperationOf.admit} has found out. */
  admitted: unknown
}

/** One operation: what it is, what it reads, what it replies, and what does it. */
export type OperationOf<P, B extends ObjectSchema, Q extends ObjectSchema> = {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** The rights an administrator needs, in the words of the policies. */
  rights?(body: Members<B>): readonly string[]
  /** Asked before anything of the request is read. */
  readonly admit?: Admit<P>
  readonly query?: Q
  /** What headers it reads are for, by name; they are checked by who reads them. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: B
  /** A request that fits. */
  readonly example?: Members<B>
  /** By status; those that every operation of its kind has are added by the document. */
  readonly replies: Readonly<Record<number, ReplyDoc>>
  handle(ports: P, call: Call<B, Q>): Promise<Reply | Logged>
}

export type Operation<P> = OperationOf<P, ObjectSchema, ObjectSchema>

/** Declares an operation; its handler gets the types its schemas say. */
export function operation<
  P,
  const B extends ObjectSchema = typeof NOTHING,
  const Q extends ObjectSchema = typeof NOTHING,
>(declared: OperationOf<P, B, Q>): Operation<P> {
  return declared as unknown as Operation<P>
}
