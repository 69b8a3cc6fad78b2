/** `/validate/…` as privacyIDEA's clients know it. */
import type { Account } from '../../core/account.ts'
import { authenticate, type Decided, trigger, type Trigger } from '../../core/authenticate.ts'
import { cancelEnrolment } from '../../core/cancel-enrolment.ts'
import type { Caller } from '../../core/caller.ts'
import { resolverOf } from '../../core/directory.ts'
import type { Outcome } from '../../core/outcome.ts'
import type { Ports } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import { MalformedRequestError } from '../errors.ts'
import { MissingParameterError, type Parameters } from '../parameters.ts'
import { type Reply, textReply } from '../reply.ts'
import { userInfo } from '../user-info.ts'
import { type Failure, type Frame, failure, messagesOf, success } from './envelope.ts'
import {
  failureOf,
  isNotSent,
  type LoginView,
  loginView,
  nothingSent,
  rejectedDetail,
} from './login-view.ts'
import { rejectedMessage } from './messages.ts'

/** What came of a login request, for the log, and what its sender is told. */
export type Answer = { outcome: Outcome; reply: Reply }

/** A login request as the wire has it. `nonce` is unique per request. */
export type Login = { parameters: Parameters; frame: Frame; caller: Caller; nonce: string }

/** A login step: the PIN has a code mailed, the code lets in. */
export async function check(ports: Ports, login: Login): Promise<Answer> {
  const { parameters, frame } = login
  if (parameters.flag('cancel_enrollment')) return cancel(ports, login)
  const decided = await decide(ports, login)
  if (await wantsError(ports, login, decided)) {
    return { outcome: decided, reply: failure(NOT_SENT, frame) }
  }
  const view = await viewOf(ports, decided, frame)
  return { outcome: decided, reply: checkReply(view, frame) }
}

/** Lets somebody in who need not add an address and will not. */
async function cancel(ports: Ports, { parameters, caller, frame }: Login): Promise<Answer> {
  const transactionId = parameters.scalar('transaction_id') || parameters.scalar('state')
  if (!transactionId) throw new MissingParameterError('transaction_id')
  const decided = await cancelEnrolment(ports, transactionId, caller)
  const unknown =
    decided.outcome === 'rejected' && ['unknown', 'other_application'].includes(decided.reason)
  const view: LoginView = unknown
    ? { authentication: 'REJECT', detail: { message: messagesOf(frame).notCancelled } }
    : await viewOf(ports, decided, frame)
  return { outcome: decided, reply: checkReply(view, frame) }
}

/** As {@link check} for SAML providers: with what is known of the person. */
export async function samlCheck(ports: Ports, login: Login): Promise<Answer> {
  const { parameters, frame } = login
  const decided = await decide(ports, login)
  const view = await viewOf(ports, decided, frame)
  if ('failure' in view) return { outcome: decided, reply: failure(view.failure, frame) }

  const auth = view.authentication === 'ACCEPT'
  const settings = await ports.settings.current()
  const onFail = settings.ReturnSamlAttributesOnFail && settings.profile !== 'hardened'
  const tells = settings.ReturnSamlAttributes && (auth || onFail)
  const attributes = tells && decided.account ? samlAttributes(decided.account, settings) : {}
  const value = parameters.named('user') ? { auth, attributes } : auth
  return { outcome: decided, reply: success({ id: 2, value, ...view }, frame) }
}

const samlAttributes = (account: Account, settings: Settings) => ({
  ...userInfo(account),
  realm: account.realm,
  resolver: resolverOf(account, settings),
})

/** As {@link check} for RADIUS servers, which look at nothing but the status. */
export async function radiusCheck(ports: Ports, login: Login): Promise<Answer> {
  const { frame } = login
  const decided = await decide(ports, login)
  const view = await viewOf(ports, decided, frame)
  if ('failure' in view) return { outcome: decided, reply: failure(view.failure, frame) }
  const status = view.authentication === 'ACCEPT' ? 204 : 400
  return { outcome: decided, reply: textReply(status, '', undefined, NO_CACHE) }
}

const NO_CACHE = { 'cache-control': 'no-cache' }

async function decide(ports: Ports, { parameters, caller, nonce }: Login): Promise<Decided> {
  refuseOtpOnly(parameters)
  const subject = subjectOf(parameters)
  const pass = parameters.text('pass')
  if (pass === undefined) throw new MissingParameterError('pass')
  return authenticate(ports, {
    ...subject,
    pass,
    transactionId: parameters.scalar('transaction_id') || parameters.scalar('state'),
    nonce,
    caller,
    type: parameters.named('type'),
    text: parameters.named('challenge'),
  })
}

/** A code without PIN and challenge, from anybody: what guessing looks like. */
function refuseOtpOnly(parameters: Parameters): void {
  if (!parameters.flag('otponly')) return
  const message = 'otponly is not accepted: answer the challenge that the code was mailed for.'
  throw new MalformedRequestError(message, 'otponly')
}

async function viewOf(ports: Ports, decided: Decided, frame: Frame): Promise<LoginView> {
  return loginView(decided, messagesOf(frame), await ports.settings.current())
}

function checkReply(view: LoginView, frame: Frame): Reply {
  if ('failure' in view) return failure(view.failure, frame)
  return success({ id: 2, value: view.authentication === 'ACCEPT', ...view }, frame)
}

/** Whether no mail went out, and the client is to be told so by an error. */
async function wantsError(ports: Ports, { parameters }: Login, outcome: Outcome) {
  if (!parameters.flag('exception')) return false
  if (outcome.outcome !== 'rejected' || !isNotSent(outcome)) return false
  return (await ports.settings.current()).profile !== 'hardened'
}

/** For clients that would rather have an error than a rejection when no mail goes out. */
export const NOT_SENT: Failure = {
  status: 500,
  code: -500,
  message:
    '500 Internal Server Error: The server encountered an internal error and was unable to complete ' +
    'your request. Either the server is overloaded or there is an error in the application.',
}

/**
 * Mails codes without a PIN, for a caller that has proven the first factor in its own way; `permit`
 * throws where the caller may not do so for somebody.
 */
export async function triggerChallenge(
  ports: Ports,
  login: Login,
  permit: Trigger['permit'],
): Promise<Answer> {
  const { parameters, frame, caller } = login
  const text = parameters.named('challenge')
  const decided = await trigger(ports, subjectOf(parameters), { caller, text, permit })
  if (await wantsError(ports, login, decided)) {
    return { outcome: decided, reply: failure(NOT_SENT, frame) }
  }
  return { outcome: decided, reply: triggerReply(decided, frame, await ports.settings.current()) }
}

function triggerReply(decided: Decided, frame: Frame, settings: Settings): Reply {
  const messages = messagesOf(frame)
  if (decided.outcome === 'challenged') {
    const value = decided.issued.length
    const view = loginView(decided, messages, settings)
    return 'failure' in view
      ? failure(view.failure, frame)
      : success({ id: 2, value, ...view }, frame)
  }
  const none = { messages: [], multi_challenge: [], transaction_ids: [] }
  const reject = (detail: object) =>
    success({ id: 2, value: 0, authentication: 'REJECT', detail }, frame)
  if (decided.outcome !== 'rejected') return reject(none)
  const { reason, serials } = decided
  if (reason === 'unknown_user' || reason === 'unknown_realm') return failure(UNKNOWN_USER, frame)
  const refused = reason === 'unknown_serial' ? undefined : failureOf(decided)
  if (refused) return failure(refused, frame)
  if (isNotSent(decided)) return reject(rejectedDetail(decided, messages))
  const told = reason === 'not_enrolled' || reason === 'locked'
  return reject(told ? nothingSent(rejectedMessage(messages, reason), serials.length) : none)
}

const UNKNOWN_USER: Failure = {
  status: 400,
  code: 904,
  message: 'ERR904: The user can not be found in any resolver in this realm!',
}

/** A code that was mailed is typed, never confirmed elsewhere: polling always says `pending`. */
export function pollTransaction(transactionId: string | undefined, frame: Frame): Reply {
  if (!transactionId) throw new MissingParameterError('transaction_id')
  const detail = { challenge_status: 'pending' }
  return success({ id: 2, value: false, authentication: 'REJECT', detail }, frame)
}

/** Begins logins of tokens that need no user name; mailed codes always do. */
export function initialize(parameters: Parameters, frame: Frame): Reply {
  const type = parameters.required('type').toLowerCase()
  if (type === 'passkey') return failure(NO_PASSKEYS, frame)
  const message = `Unsupported token type '${type}' for authentication initialization!`
  throw new MalformedRequestError(message, 'type')
}

const NO_PASSKEYS: Failure = {
  status: 403,
  code: 303,
  message: 'Missing policy for webauthn_relying_party_id, unable to create challenge!',
}

function subjectOf(parameters: Parameters) {
  const subject = {
    user: parameters.named('user'),
    realm: parameters.named('realm'),
    serial: parameters.named('serial'),
  }
  if (subject.serial?.includes('*')) {
    throw new MalformedRequestError('Invalid serial number.', 'serial')
  }
  if (subject.user || subject.serial) return subject
  throw new MalformedRequestError('You need to specify a serial, user or credential_id.', 'user')
}
