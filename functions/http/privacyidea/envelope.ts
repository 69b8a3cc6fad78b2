import { type Reply, textReply } from '../reply.ts'

/** The version of the wire, which clients look at; not that of this service. */
const VERSION = '3.14.dev2'

export type Authentication = 'ACCEPT' | 'REJECT' | 'CHALLENGE'

export type Success = {
  /** 2 on `/auth` and `/validate`, 1 elsewhere. */
  id: 1 | 2
  value: unknown
  authentication?: Authentication
  detail?: object
}

export type Failure = { status: number; code: number; message: string; detail?: object | null }

/** What surrounds every answer: the moment, and what the client wants back. */
export type Frame = { now: number; nonce?: string }

/** A request that was understood, whatever came of it. */
export const success = ({ id, value, authentication, detail }: Success, frame: Frame): Reply =>
  reply(200, {
    ...(detail ? { detail: { ...detail, threadid: 1 } } : {}),
    id,
    result: { status: true, value, ...(authentication ? { authentication } : {}) },
    versionnumber: VERSION,
    ...common(frame),
  })

/** A request that could not be carried out. */
export const failure = ({ status, code, message, detail = null }: Failure, frame: Frame): Reply =>
  reply(status, {
    detail,
    id: 1,
    result: { status: false, error: { code, message } },
    ...common(frame),
  })

const common = ({ now, nonce }: Frame) => ({
  jsonrpc: '2.0',
  time: now / 1000,
  version: `privacyIDEA ${VERSION}`,
  ...(nonce === undefined ? {} : { nonce }),
})

const reply = (status: number, body: object) =>
  textReply(status, canonicalJson(body), 'application/json', { 'cache-control': 'no-cache' })

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
