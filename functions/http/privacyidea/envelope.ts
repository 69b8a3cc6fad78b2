import { type Reply, textReply } from '../reply.ts'
import { type Messages, messagesFor } from './messages.ts'

/** The version of the wire, which clients look at; not that of this service. */
const VERSION = '3.14.dev2'

export type Authentication = 'ACCEPT' | 'REJECT' | 'CHALLENGE'

export type Success = {
  /** 2 on `/auth` and `/validate`, 1 elsewhere. */
  id: 1 | 2
  value: unknown
  authentication?: Authentication
  detail?: object | undefined
}

export type Failure = { status: number; code: number; message: string; detail?: object | null }

/** What surrounds every answer: the moment, what the client wants back, and what is kept from it. */
export type Frame = {
  /** Unix time in milliseconds. */
  now: number
  nonce?: string | undefined
  /** The client's language. @default English */
  messages?: Messages
  hidesVersion?: boolean
  /** Errors of logins have status 401, whatever is wrong. */
  hidesStatus?: boolean
  /** Signs the text of an answer. @default answers are not signed */
  sign?: ((text: string) => string) | undefined
}

/** The sentences of the client's language. */
export const messagesOf = ({ messages = messagesFor(undefined) }: Frame): Messages => messages

/** A request that was understood, whatever came of it. */
export const success = ({ id, value, authentication, detail }: Success, frame: Frame): Reply =>
  reply(200, frame, {
    ...(detail ? { detail: { ...detail, threadid: 1 } } : {}),
    id,
    result: { status: true, value, ...(authentication ? { authentication } : {}) },
    ...(frame.hidesVersion ? {} : { versionnumber: VERSION }),
  })

/** A request that could not be carried out. */
export const failure = ({ status, code, message, detail = null }: Failure, frame: Frame): Reply =>
  reply(frame.hidesStatus && HIDDEN_STATUS.has(status) ? 401 : status, frame, {
    detail,
    id: 1,
    result: { status: false, error: { code, message } },
  })

const HIDDEN_STATUS = new Set([400, 403, 404])

function reply(status: number, { now, nonce, hidesVersion, sign }: Frame, content: object): Reply {
  const body = {
    ...content,
    jsonrpc: '2.0',
    time: now / 1000,
    ...(hidesVersion ? {} : { version: `privacyIDEA ${VERSION}` }),
    ...(nonce === undefined ? {} : { nonce }),
  }
  const text = canonicalJson(body)
  const signed = sign ? canonicalJson({ ...body, signature: sign(text) }) : text
  return textReply(status, signed, 'application/json', { 'cache-control': 'no-cache' })
}

/**
 * JSON with sorted keys, `, ` and `: ` as separators and only ASCII: the bytes that the reference's
 * signature covers, so that clients can check it.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${canonicalJson(name)}: ${canonicalJson(member)}`)
    return `{${members.join(', ')}}`
  }
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
