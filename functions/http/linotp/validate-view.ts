/** What this wire tells of a login beside yes and no. */
import type { Account, Token } from '../../core/account.ts'
import { typeOf } from '../../core/account.ts'
import type { Decided } from '../../core/authenticate.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { Accepted, Asked, Challenged, Passed, Rejected } from '../../core/outcome.ts'
import type { Settings } from '../../core/settings.ts'
import { partNumber } from '../../core/transaction-parts.ts'
import { messagesFor, rejectedMessage } from '../privacyidea/messages.ts'
import { userInfo } from '../user-info.ts'
import type { Messages } from './messages.ts'
import { partName } from './validate-attempt.ts'

export type LoginView = {
  accepted: boolean
  detail: object | undefined
  /** What the person has to answer, where there is something. */
  challenge?: { transactionid: string; message: string }
}

export type ViewOptions = {
  messages: Messages
  settings: Settings
  /** What was typed, where the client wants to know how long its parts are. */
  measured?: string | undefined
}

/** What a client is told of a login step. */
export function loginView(decided: Decided, options: ViewOptions): LoginView {
  switch (decided.outcome) {
    case 'accepted':
    case 'passed':
      return { accepted: true, detail: successDetail(decided, options) }
    case 'challenged':
      return challengedView(challengeDetail(decided, options))
    case 'asked':
      return challengedView(askedDetail(decided, options.messages))
    case 'rejected':
      return { accepted: false, detail: rejectedDetail(decided, options.settings) }
  }
}

const challengedView = (detail: { transactionid: string; message: string }): LoginView => ({
  accepted: false,
  detail,
  challenge: { transactionid: detail.transactionid, message: detail.message },
})

function successDetail(success: (Accepted | Passed) & Decided, { measured }: ViewOptions): object {
  const { account, policy } = success
  return {
    ...(measured === undefined ? {} : authInfo(success, measured)),
    ...(policy.authorization.detailOnSuccess.value && account ? whoGotIn(account, success) : {}),
  }
}

/** How much of what was typed was PIN, and how much OTP. */
function authInfo(success: Accepted | Passed, { length }: string): object {
  const otp = success.by === 'answer' ? length : 'digits' in success ? (success.digits ?? 0) : 0
  return {
    auth_info: [
      ['pin_length', length - otp],
      ['otp_length', otp],
    ],
  }
}

function whoGotIn(account: Account, success: Accepted | Passed): object {
  const token = success.outcome === 'accepted' ? account.tokens[success.serial] : undefined
  return {
    realm: account.realm,
    user: userInfo(account),
    is_linotp_admin: false,
    ...(token ? { tokentype: typeOf(token), serial: token.serial } : {}),
  }
}

/**
 * Nothing, or why: to who gave their password for a token, and where a policy wants it; never where
 * the profile forbids it.
 */
function rejectedDetail(rejected: Rejected & Decided, { profile }: Settings) {
  const { reason, message, enrolling, policy } = rejected
  const tells = enrolling || policy.authorization.detailOnFail.value
  if (!tells || profile === 'hardened') return undefined
  return { error: message ?? rejectedMessage(messagesFor(undefined), reason) }
}

type ChallengeDetail = { transactionid: string; message: string; [member: string]: unknown }

function challengeDetail(challenged: Challenged, options: ViewOptions): ChallengeDetail {
  const { issued, account } = challenged
  const [first] = issued as [Challenge, ...Challenge[]]
  const { transactionId } = first
  if (issued.length === 1) return oneDetail(transactionId, first, challenged, options)

  const parts = issued.map((challenge): [string, object] => {
    const name = partName(transactionId, partNumber(account, transactionId, challenge.serial))
    return [challenge.serial, oneDetail(name, challenge, challenged, options)]
  })
  return {
    transactionid: transactionId,
    message: options.messages.several,
    challenges: Object.fromEntries(parts.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function oneDetail(
  transactionid: string,
  { serial }: Challenge,
  { account, earlier }: Challenged,
  { messages, settings }: ViewOptions,
): ChallengeDetail {
  const message = earlier ? messages.sentBefore : sentMessage(messages, settings)
  return {
    transactionid,
    state: transactionid,
    message,
    ...(earlier ? { info: messages.blocked } : {}),
    ...tokenDetail(account.tokens[serial]!),
  }
}

/** What is said when a mail went out. */
export const sentMessage = (messages: Messages, settings: Settings): string =>
  settings.EMAIL_CHALLENGE_PROMPT || messages.sent

const tokenDetail = ({ serial, description, ...token }: Token) => ({
  linotp_tokenserial: serial,
  linotp_tokentype: token.type ?? 'email',
  linotp_tokendescription: description,
})

const QUESTIONS = {
  new_pin: 'newPin',
  new_pin_again: 'newPinAgain',
  address: 'address',
} as const satisfies Record<Asked['what'], keyof Messages>

function askedDetail(
  { account, serial, transactionId, what, text }: Asked,
  messages: Messages,
): ChallengeDetail {
  const token = account.tokens[serial]
  return {
    transactionid: transactionId,
    state: transactionId,
    message: text ?? messages[QUESTIONS[what]],
    ...(token ? tokenDetail(token) : { linotp_tokenserial: serial, linotp_tokentype: 'email' }),
  }
}
