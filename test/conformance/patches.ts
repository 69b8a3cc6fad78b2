/** Turns a recorded answer into the one Otpost gives instead. */
import type { Json } from './recording.ts'
import type { Expected } from './replay.ts'

/** May change what it is given, which is a copy. */
export type Patch = (expected: Expected) => Expected

type Envelope = { [name: string]: Json }

/** One patch after the other. */
export const all =
  (...patches: Patch[]): Patch =>
  (expected) =>
    patches.reduce((patched, patch) => patch(patched), expected)

/** Without these members, named by their path: `detail.otpkey`. */
export const without =
  (...paths: string[]): Patch =>
  (expected) => {
    for (const path of paths) {
      const [holder, name] = holderOf(expected, path)
      delete holder[name]
    }
    return expected
  }

/** With this value at the path. */
export const having =
  (path: string, value: Json): Patch =>
  (expected) => {
    const [holder, name] = holderOf(expected, path)
    holder[name] = value
    return expected
  }

function holderOf({ answer }: Expected, path: string): [holder: Envelope, name: string] {
  const names = path.split('.')
  const last = names.pop()!
  const holder = names.reduce((at, name) => at[name] as Envelope, answer.json as Envelope)
  return [holder, last]
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

/** As {@link refused}, by the rules of every broken request. */
export const malformed = (message: string) => refused(400, 905, `ERR905: ${message}`)

/** An error instead of whatever was answered, and no mail. */
export const refused =
  (status: number, code: number, message: string): Patch =>
  ({ answer }) => ({
    answer: {
      status,
      headers: JSON_TYPE,
      json: {
        ...frame(answer.json),
        detail: null,
        id: 1,
        result: { status: false, error: { code, message } },
      },
    },
    mail: [],
  })

/** A login that is rejected, and no mail. */
export const rejected =
  (detail: Envelope, value: Json = false): Patch =>
  ({ answer }) => ({
    answer: {
      status: 200,
      headers: JSON_TYPE,
      json: {
        ...frame(answer.json),
        versionnumber: VERSION,
        detail: { ...detail, threadid: '(volatile)' },
        id: 2,
        result: { status: true, value, authentication: 'REJECT' },
      },
    },
    mail: [],
  })

/** Any other text in place of the recorded answer. */
export const answered =
  (status: number, text: string, type: string): Patch =>
  ({ mail }) => ({ answer: { status, headers: { 'Content-Type': type }, text }, mail })

const VERSION = '3.14.dev2'

function frame(json: Json | undefined): Envelope {
  const { nonce } = (json ?? {}) as Envelope
  return {
    jsonrpc: '2.0',
    signature: '(volatile)',
    time: 0,
    version: `privacyIDEA ${VERSION}`,
    ...(nonce === undefined ? {} : { nonce }),
  }
}

/** The recorded answer without the mail that went with it. */
export const unmailed: Patch = ({ answer }) => ({ answer, mail: [] })

export const NO_MATCH = 'Response did not match the challenge.'
export const NOT_SENT = 'The PIN was correct, but the EMail could not be sent!'

/** What a wrong answer to a challenge of one token is told. */
export const noMatch = (serial: string) => rejected({ message: NO_MATCH, serial, type: 'email' })

/** What a right PIN is told with a code that is not right. */
export const wrongOtp = (serial: string, message = 'wrong otp value') =>
  rejected({ message, otplen: 6, serial, type: 'email' })

export const notSent = rejected({
  message: NOT_SENT,
  messages: [NOT_SENT],
  multi_challenge: [],
  transaction_ids: [],
})
