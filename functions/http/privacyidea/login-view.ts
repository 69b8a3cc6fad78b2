/** How the outcome of a login reads on this wire. */
import type { Account } from '../../core/account.ts'
import { isDomainFault } from '../../core/address/faults.ts'
import type { Decided } from '../../core/authenticate.ts'
import { resolverOf } from '../../core/directory.ts'
import type { LoginPolicy } from '../../core/login-policy.ts'
import type { Accepted, Passed, Rejected } from '../../core/outcome.ts'
import type { Settings } from '../../core/settings.ts'
import { userInfo } from '../user-info.ts'
import { askedDetail, challengeDetail } from './challenge-detail.ts'
import type { Authentication, Failure } from './envelope.ts'
import { filled, type Messages, rejectedMessage } from './messages.ts'

export type LoginView =
  | { authentication: Authentication; detail: object | undefined }
  /** What the reference tells as an error. */
  | { failure: Failure }

/** What a client is told of a login step. */
export function loginView(decided: Decided, messages: Messages, settings: Settings): LoginView {
  const { policy } = decided
  switch (decided.outcome) {
    case 'accepted':
      return accepted(acceptedDetail(decided, messages), decided.account, policy, settings)
    case 'passed':
      return accepted(
        { message: passedMessage(decided, messages) },
        decided.account,
        policy,
        settings,
      )
    case 'challenged':
      return challenged(challengeDetail(decided, policy, messages, settings), policy)
    case 'asked':
      return challenged(askedDetail(decided, messages), policy)
    case 'rejected':
      return settings.profile === 'hardened'
        ? { authentication: 'REJECT', detail: { message: messages.hidden } }
        : rejected(decided, policy, messages)
  }
}

function accepted(
  detail: object,
  account: Account | undefined,
  { authorization }: LoginPolicy,
  settings: Settings,
): LoginView {
  const told = {
    ...detail,
    ...(authorization.addUserInResponse.value && account ? { user: userInfo(account) } : {}),
    ...(authorization.addResolverInResponse.value && account
      ? resolverInfo(account, settings)
      : {}),
  }
  const hides = authorization.noDetailOnSuccess.value
  return { authentication: 'ACCEPT', detail: hides ? undefined : told }
}

function acceptedDetail({ by, account, serial }: Accepted, messages: Messages): object {
  if (by === 'answer') return { message: messages.accepted, serial }
  if (by === 'new_pin') return { message: messages.newPinSet, serial }
  const { digits, type = 'email' } = account.tokens[serial]!
  return { message: messages.oneToken, otplen: digits, serial, type }
}

function passedMessage({ by, policies }: Passed, messages: Messages): string {
  if (by === 'cancelled') return messages.cancelled
  const sentences = {
    no_token: messages.passedNoToken,
    no_user: messages.passedNoUser,
    userstore: messages.passedUserstore,
  }
  return filled(sentences[by], { policies: policies.join(', ') })
}

const resolverInfo = (account: Account, settings: Settings) => ({
  'user-realm': account.realm,
  'user-resolver': resolverOf(account, settings),
})

/**
 * Without `detail` a client has no transaction_id left, but PIN and OTP in one still let in; where
 * those are not accepted either, `detail` stays, or nobody could log in.
 */
function challenged(detail: object, { login, authorization }: LoginPolicy): LoginView {
  const hides = authorization.noDetailOnFail.value && !login.forceChallengeResponse.value
  return { authentication: 'CHALLENGE', detail: hides ? undefined : detail }
}

function rejected(
  outcome: Rejected,
  { login, authorization }: LoginPolicy,
  messages: Messages,
): LoginView {
  const failure = failureOf(outcome)
  if (login.hideSpecificErrorMessage.value && !(failure && CONDITIONS.has(outcome.reason))) {
    const { hidden: message } = messages
    if (failure)
      return { failure: { status: 401, code: 403, message, detail: { message, threadid: 1 } } }
    return { authentication: 'REJECT', detail: { message } }
  }
  if (failure) return { failure }
  const hides = authorization.noDetailOnFail.value
  return { authentication: 'REJECT', detail: hides ? undefined : rejectedDetail(outcome, messages) }
}

/** Refusals that say nothing about the person. */
const CONDITIONS = new Set<Rejected['reason']>([
  'policy_conflict',
  'no_api_key',
  'not_authorized',
  'bad_address',
])

/** Rejections that the reference tells as errors. */
export function failureOf({ reason, subject, message = '', fault }: Rejected): Failure | undefined {
  switch (reason) {
    case 'unknown_user':
    case 'unknown_realm':
      return invalid(904, `User <${subject!.login}@${subject!.realm}> does not exist.`)
    case 'unknown_owner':
      return invalid(904, 'The user can not be found in any resolver in this realm!')
    case 'unknown_serial':
      return { status: 404, code: 601, message: 'The requested token could not be found.' }
    case 'serial_of_other':
      return invalid(905, 'Given serial does not belong to given user!')
    case 'revoked':
      return invalid(1007, 'This action is not possible, since the token is locked')
    case 'not_authorized':
      return invalid(401, 'User is not authorized to authenticate under these conditions.')
    case 'bad_address':
      return invalid(401, `The email address is not valid!${domainWords(fault, message)}`)
    case 'policy_conflict':
    case 'new_pin_refused':
      return forbidden(message)
    case 'no_api_key':
      return forbidden('No valid API key was passed.')
    case 'tokentype':
      return forbidden('Tokentype not allowed for authentication!')
    case 'serial':
      return forbidden('Serial is not allowed for authentication!')
    default:
      return undefined
  }
}

/** The reference looks at no domain, so what is wrong with one is told in our words. */
const domainWords = (fault: Rejected['fault'], message: string): string =>
  fault !== undefined && isDomainFault(fault) ? ` ${message}` : ''

const invalid = (code: number, message: string): Failure => ({
  status: 400,
  code,
  message: `ERR${code}: ${message}`,
})
const forbidden = (message: string): Failure => ({ status: 403, code: 303, message })

const NOT_SENT = new Set<Rejected['reason']>([
  'mail_failed',
  'mail_limit',
  'no_address',
  'undeliverable',
  'unusable',
])

/** Whether the first factor was right and no mail could go out. */
export const isNotSent = ({ reason }: Pick<Rejected, 'reason'>) => NOT_SENT.has(reason)

/** `detail` of a rejection. */
export function rejectedDetail(outcome: Rejected, messages: Messages): object {
  const { reason, serials, account } = outcome
  const message = outcome.message ?? rejectedMessage(messages, reason)
  if (isNotSent(outcome)) return nothingSent(message, serials.length)
  const token = account?.tokens[serials[0] ?? '']
  const answered = reason === 'wrong' || reason === 'closed'
  if (answered && serials.length > 1) {
    return { message: filled(messages.noMatchOfSeveral, { count: serials.length }) }
  }
  if (answered) return { message, serial: token?.serial, type: 'email' }
  if (reason === 'wrong_otp' || reason === 'previous_otp') {
    return { message, otplen: token?.digits, serial: token?.serial, type: 'email' }
  }
  return { message }
}

/** `detail` where a trigger made no challenge: the same sentence for each token it was for. */
export const nothingSent = (message: string, tokens: number): object => ({
  message,
  messages: Array<string>(Math.max(1, tokens)).fill(message),
  multi_challenge: [],
  transaction_ids: [],
})
