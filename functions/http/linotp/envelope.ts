/** What LinOTP's clients get around every answer. */
import { type Reply, textReply } from '../reply.ts'
import { messagesFor, type Messages } from './messages.ts'

/** The version of the wire, which clients look at; not that of this service. */
const VERSION = '3.4.4'
/** LinOTP names its own version of the interface here, not that of JSON-RPC. */
const JSONRPC = '2.0802'

/** How this answer is to be written. */
export type Frame = {
  /** The client's language. @default English */
  messages?: Messages
  hidesVersion?: boolean
  /** Errors become a page with this HTTP status. */
  errorStatus?: number | undefined
  /** Errors are told as `simplecheck` tells everything. */
  plain?: boolean
  /** Errors are told in XML. */
  xml?: boolean
}

/** The sentences of the client's language. */
export const messagesOf = ({ messages = messagesFor(undefined) }: Frame): Messages => messages

export type Extras = {
  /** 0 in most of `/validate`, 1 elsewhere. @default 1 */
  id?: number
  /** Left out when undefined or empty. */
  detail?: object | undefined
  /** @default 200 */
  status?: number
  headers?: Record<string, string>
}

/** A request that was understood, whatever came of it. */
export function value(
  value: unknown,
  { id = 1, detail, status = 200, headers }: Extras,
  frame: Frame,
) {
  const told = detail && Object.keys(detail).length > 0 ? { detail } : {}
  return reply(status, { result: { status: true, value }, id, ...told }, frame, headers)
}

/** A request that could not be carried out. */
export type Failure = {
  /** LinOTP's number of what is wrong. */
  code: number
  message: string
  /** The HTTP status. @default 200 */
  status?: number
  /** @default 1 */
  id?: number
}

/** An error as its client wants it: JSON, a page, or the sad face of `simplecheck`. */
export function failure({ code, message, status = 200, id = 1 }: Failure, frame: Frame): Reply {
  if (frame.plain) return textReply(status, ':-(')
  if (frame.xml)
    return xml(
      status,
      `<error><code>${code}</code><message>${escaped(message)}</message></error>`,
      frame,
    )
  if (frame.errorStatus !== undefined) return page(frame.errorStatus, code, message)
  return reply(status, { result: { status: false, error: { code, message } }, id }, frame)
}

/** What `check_s` says of a request it cannot carry out: neither a yes nor an error. */
export const neither = (frame: Frame): Reply =>
  reply(200, { result: { status: false, value: false }, id: 0 }, frame)

function reply(
  status: number,
  content: object,
  { hidesVersion }: Frame,
  headers?: Record<string, string>,
): Reply {
  const version = hidesVersion ? {} : { version: `LinOTP ${VERSION}`, versionNumber: VERSION }
  const body = JSON.stringify({ jsonrpc: JSONRPC, ...content, ...version })
  return textReply(status, body, 'application/json', headers)
}

/** The one answer that LinOTP gives in XML. */
export const xmlValue = (value: number, frame: Frame): Reply =>
  xml(200, `<value>${value}</value>`, frame)

function xml(status: number, content: string, { hidesVersion }: Frame): Reply {
  const ok = content.startsWith('<value>') ? 'True' : 'False'
  const version = hidesVersion ? '' : `<version>LinOTP ${VERSION}</version>`
  return textReply(
    status,
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<jsonrpc version="2.0"><result><status>${ok}</status>${content}</result>${version}<id>1</id></jsonrpc>\n`,
    'text/xml; charset=utf-8',
  )
}

const escaped = (text: string) =>
  text
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[^\P{Cc}\t\n\r]/gu, '?')

function page(status: number, code: number, message: string): Reply {
  const text = escaped(message)
  const html = `<!doctype html>\n<html lang="en">\n<title>Error ${code}</title>\n<p>${text}</p>\n`
  return textReply(status, html, 'text/html; charset=utf-8')
}

/** The status of error pages that `httperror` asks for; one that cannot be sent is 500. */
export function errorStatus(asked: string | undefined): number | undefined {
  if (asked === undefined) return undefined
  const status = /^[0-9]{3}$/.test(asked) ? Number(asked) : 500
  return status === 200 || (status >= 400 && status <= 599) ? status : 500
}
