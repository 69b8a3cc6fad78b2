/** One plugin's recorded requests, sent again for a user, a PIN and codes of the running service. */
import type { Message } from '../../lib/local/mailbox.ts'
import { codeIn } from '../stack/support.ts'
import type { Act, Plugin } from './plugins.ts'
import type { Verdict } from './plugin-judges.ts'
import { type RawReply, type RawRequest, sendRaw } from './raw-http.ts'

export type Typist = {
  user: string
  pin: string
  serial: string
  nextMail(): Promise<Message>
}

export type Turn = { act: Act; verdict: Verdict; expected: Verdict; reply: RawReply }

const RECORDED = { user: 'alice', pin: 'pin1234', serial: 'PIEM00000001' }

/** What the plugin's user expects of each act. */
function expectedOf(act: Act, { asks }: Plugin): Verdict {
  switch (act) {
    case 'pin':
    case 'trigger':
      return asks ? 'challenge' : 'reject'
    case 'code':
    case 'pin_code':
      return 'accept'
    case 'poll':
      return 'pending'
    case 'sign_in':
      return 'signed_in'
    default:
      return 'reject'
  }
}

/** Sends the requests one after the other and has the plugin judge each answer. */
export async function runPlugin(
  api: string,
  plugin: Plugin,
  requests: RawRequest[],
  typist: Typist,
): Promise<Turn[]> {
  const known = { code: '', transactionId: '', session: '' }
  const turns: Turn[] = []
  for (const [index, act] of plugin.acts.entries()) {
    const reply = await sendRaw(api, rewrite(requests[index]!, act, plugin, typist, known))
    const { detail, result } = safeJson(reply.body)
    if (result?.value?.token) known.session = result.value.token
    known.transactionId = transactionIn(reply.body, detail) ?? known.transactionId
    const mails = (act === 'pin' || act === 'trigger') && !reply.body.includes(NO_NEW_MAIL)
    if (mails) known.code = codeIn(await typist.nextMail())
    const verdict = plugin.judge(reply)
    turns.push({ act, verdict, expected: expectedOf(act, plugin), reply })
  }
  return turns
}

/** What LinOTP says while a code is so young that no other one follows: the user has it already. */
const NO_NEW_MAIL = 'already submitted'

const transactionIn = (body: string, detail: any): string | undefined =>
  detail?.transaction_id ?? detail?.transactionid ?? /^:-\( (\d{20}) /.exec(body)?.[1]

function safeJson(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

type Known = { code: string; transactionId: string; session: string }

/** The recorded request with the running values where the recorded ones were. */
function rewrite(
  request: RawRequest,
  act: Act,
  { encode, base = '' }: Plugin,
  typist: Typist,
  { code, transactionId, session }: Known,
): RawRequest {
  const write = (text: string) =>
    inPassField(text, (pass) => typed(pass, act, code, encode.pass(typist.pin)))
      .replace(userField, (login) => (login === RECORDED.user ? encode.user(typist.user) : login))
      .replaceAll(RECORDED.serial, typist.serial)
      .replace(/(?<!\d)\d{20}(?!\d)/g, transactionId)
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    value.replace('jwt:admin', session),
  ])
  return {
    ...request,
    path: base + write(request.path),
    headers: Object.fromEntries(headers),
    body: write(request.body),
  }
}

/** The field of a form or query, of a multipart body, or of JSON. */
const field = (name: string) =>
  new RegExp(
    [
      `(?<=(?:^|[&?])${name}=)[^&]*`,
      `(?<=name="${name}"\\r\\n(?:[^\\r\\n]+\\r\\n)*\\r\\n)[^\\r]*`,
      `(?<="${name}": ")[^"]*`,
    ].join('|'),
  )
const passField = field('pass')
const userField = field('user')
const inPassField = (text: string, change: (pass: string) => string) =>
  text.replace(passField, change)

/** What the user types in place of what was typed when it was recorded. */
function typed(pass: string, act: Act, code: string, pin: string): string {
  if (act === 'wrong_pin' || act === 'no_code') return pass
  if (act === 'pin' || act === 'unknown_user') return pass.replace(RECORDED.pin, pin)
  const digits = act.startsWith('wrong') ? otherThan(code) : code
  return pass.startsWith(RECORDED.pin) ? pin + digits : digits
}

/** Every digit of it is another one. */
const otherThan = (code: string) => code.replace(/\d/g, (digit) => String((Number(digit) + 5) % 10))
