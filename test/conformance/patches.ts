/** Turns a recorded answer into the one Otpost gives instead. */
import type { Json, RecordedMail } from './recording.ts'
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

type Authentication = 'ACCEPT' | 'REJECT' | 'CHALLENGE'

const login =
  (authentication: Authentication, detail: Envelope, mail: RecordedMail[] = []): Patch =>
  ({ answer }) => ({
    answer: {
      status: 200,
      headers: JSON_TYPE,
      json: {
        ...frame(answer.json),
        versionnumber: VERSION,
        detail: { ...detail, threadid: '(volatile)' },
        id: 2,
        result: { status: true, value: authentication === 'ACCEPT', authentication },
      },
    },
    mail,
  })

/** A login that is rejected, and no mail. */
export const rejected = (detail: Envelope) => login('REJECT', detail)

/** A login that is accepted, and no mail. */
export const accepted = (detail: Envelope) => login('ACCEPT', detail)

/** A code on its way to this address, with a challenge that lasts so many seconds. */
export const challenged =
  (serial: string, address: string, seconds: number): Patch =>
  (expected) => {
    const entry = {
      attributes: { state: null, valid_until: naive(seconds) },
      client_mode: 'interactive',
      message: PROMPT,
      serial,
      transaction_id: newId(),
      type: 'email',
    }
    const detail = {
      ...entry,
      messages: [PROMPT],
      multi_challenge: [entry],
      preferred_client_mode: 'interactive',
      transaction_ids: [entry.transaction_id],
    }
    const headers = { Subject: 'Your OTP', From: SENDER, To: address }
    const mail = { from: SENDER, to: [address], headers, body: NEVER_TYPED }
    return login('CHALLENGE', detail, [mail])(expected)
  }

let ids = 0
/** Stands for the id the service makes up. */
const newId = () => String((ids += 1)).padStart(20, '0')

/** Stands for the code of a mail the recording has not; no recorded request types it. */
const NEVER_TYPED = '424242'
const PROMPT = 'Enter the OTP from the Email'
const SENDER = 'pi@example.org'
const naive = (seconds: number) =>
  `${new Date(seconds * 1000).toISOString().replace('T', ' ').replace('Z', '')}000`

/** The recorded challenge, which lasts so many seconds longer. */
export const lasting = (longer: number): Patch =>
  everywhere('valid_until', (until) => {
    const recorded = Date.parse(`${String(until).replace(' ', 'T')}Z`) / 1000
    return naive(recorded + longer)
  })

/** With another value for every member of this name. */
export function everywhere(name: string, change: (value: Json, holder: Envelope) => Json): Patch {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).map(([key, member]) => [
      key,
      key === name ? change(member, value) : visit(member),
    ])
    return Object.fromEntries(members) as Envelope
  }
  return ({ answer, mail }) => ({
    answer: { ...answer, ...(answer.json === undefined ? {} : { json: visit(answer.json) }) },
    mail,
  })
}

/** The recorded challenge as it is when only tokens of this type are asked. */
export const onlyType =
  (type: string): Patch =>
  ({ answer, mail }) => {
    const json = answer.json as { detail: Envelope } & Envelope
    const entries = (json.detail.multi_challenge as Envelope[]).filter((one) => one.type === type)
    const last = entries.at(-1)!
    const detail = {
      ...json.detail,
      ...last,
      message: last.message!,
      messages: entries.map(({ message }) => message!),
      multi_challenge: entries,
      transaction_ids: entries.map(({ transaction_id }) => transaction_id!),
    }
    return { answer: { ...answer, json: { ...json, detail } }, mail }
  }

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

/** The recorded mail with changes in its text. */
export const writing =
  (change: (body: string) => string): Patch =>
  ({ answer, mail }) => ({ answer, mail: mail.map((one) => ({ ...one, body: change(one.body) })) })

/** The recorded mail in other words. */
export const mailing =
  (subject: string, body: string): Patch =>
  ({ answer, mail }) => ({
    answer,
    mail: mail.map((one) => ({
      ...one,
      headers: { ...one.headers, 'Content-Type': 'text/plain', Subject: subject },
      body,
    })),
  })

/** The recorded mail under another subject. */
export const titled =
  (subject: string): Patch =>
  ({ answer, mail }) => ({
    answer,
    mail: mail.map((one) => ({ ...one, headers: { ...one.headers, Subject: subject } })),
  })

/** The recorded text with changes. */
export const saying =
  (change: (text: string) => string): Patch =>
  ({ answer, mail }) => ({ answer: { ...answer, text: change(answer.text ?? '') }, mail })

/** The recorded answer without the mail that went with it. */
export const unmailed: Patch = ({ answer }) => ({ answer, mail: [] })

const NO_MATCH = 'Response did not match the challenge.'
const NOT_SENT = 'The PIN was correct, but the EMail could not be sent!'

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
