/** `/validate/…` as privacyIDEA's clients know it. */
import {
  type Accepted,
  authenticate,
  type Outcome,
  type Rejected,
  trigger,
} from '../../core/authenticate.ts'
import type { Ports } from '../../core/ports.ts'
import { MalformedRequestError } from '../errors.ts'
import { MissingParameterError, type Parameters } from '../parameters.ts'
import type { Reply } from '../reply.ts'
import { challengeDetail } from './challenge-detail.ts'
import { type Failure, type Frame, failure, success } from './envelope.ts'
import { ACCEPTED, HIDDEN, PROMPT, REJECTED } from './messages.ts'

/** What came of a login request, for the log, and what its sender is told. */
export type Answer = { outcome: Outcome; reply: Reply }

/** A login step: the PIN has a code mailed, the code lets in. `nonce` is unique per request. */
export async function check(
  ports: Ports,
  parameters: Parameters,
  frame: Frame,
  nonce: string,
): Promise<Answer> {
  const subject = subjectOf(parameters)
  const pass = parameters.text('pass')
  if (pass === undefined) throw new MissingParameterError('pass')
  const transactionId = parameters.scalar('transaction_id') || parameters.scalar('state')
  const outcome = await authenticate(ports, { ...subject, pass, transactionId, nonce })
  const { profile } = await ports.settings.current()
  return { outcome, reply: checkReply(outcome, frame, profile === 'hardened') }
}

/** Mails codes without a PIN, for a caller that has proven the first factor in its own way. */
export async function triggerChallenge(
  ports: Ports,
  parameters: Parameters,
  frame: Frame,
): Promise<Answer> {
  const outcome = await trigger(ports, subjectOf(parameters))
  return { outcome, reply: triggerReply(outcome, frame) }
}

/** A code that was mailed is typed, never confirmed elsewhere: polling always says `pending`. */
export function pollTransaction(transactionId: string | undefined, frame: Frame): Reply {
  if (!transactionId) throw new MissingParameterError('transaction_id')
  const detail = { challenge_status: 'pending' }
  return success({ id: 2, value: false, authentication: 'REJECT', detail }, frame)
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

function checkReply(outcome: Outcome, frame: Frame, hardened: boolean): Reply {
  if (outcome.outcome === 'accepted') {
    const detail = acceptedDetail(outcome)
    return success({ id: 2, value: true, authentication: 'ACCEPT', detail }, frame)
  }
  if (outcome.outcome === 'challenged') {
    const detail = challengeDetail(outcome.issued, PROMPT)
    return success({ id: 2, value: false, authentication: 'CHALLENGE', detail }, frame)
  }
  return hardened ? reject({ message: HIDDEN }, frame) : rejectReply(outcome, frame)
}

const reject = (detail: object, frame: Frame) =>
  success({ id: 2, value: false, authentication: 'REJECT', detail }, frame)

function acceptedDetail({ by, account, serial }: Accepted): object {
  if (by === 'answer') return { message: ACCEPTED, serial }
  const otplen = account.tokens[serial]!.digits
  return { message: 'matching 1 tokens', otplen, serial, type: 'email' }
}

function rejectReply(rejected: Rejected, frame: Frame): Reply {
  const refused = refusal(rejected)
  return refused ? failure(refused, frame) : reject(rejectDetail(rejected), frame)
}

/** Rejections that the reference tells as errors. */
function refusal({ reason, subject }: Rejected): Failure | undefined {
  switch (reason) {
    case 'unknown_user':
    case 'unknown_realm': {
      const message = `ERR904: User <${subject!.login}@${subject!.realm}> does not exist.`
      return { status: 400, code: 904, message }
    }
    case 'unknown_serial':
      return { status: 404, code: 601, message: 'The requested token could not be found.' }
    case 'serial_of_other':
      return {
        status: 400,
        code: 905,
        message: 'ERR905: Given serial does not belong to given user!',
      }
    case 'revoked': {
      const message = 'ERR1007: This action is not possible, since the token is locked'
      return { status: 400, code: 1007, message }
    }
    default:
      return undefined
  }
}

const NOT_SENT = ['mail_failed', 'mail_limit', 'no_address', 'unusable']

function rejectDetail({ reason, serials, account }: Rejected): object {
  const message = REJECTED[reason]!
  if (NOT_SENT.includes(reason)) {
    return { message, messages: [message], multi_challenge: [], transaction_ids: [] }
  }
  const token = account?.tokens[serials[0] ?? '']
  const answered = reason === 'wrong' || reason === 'closed'
  if (answered && serials.length > 1) {
    return { message: `Response did not match for ${serials.length} tokens.` }
  }
  if (answered) return { message, serial: token?.serial, type: 'email' }
  if (reason === 'wrong_otp' || reason === 'previous_otp') {
    return { message, otplen: token?.digits, serial: token?.serial, type: 'email' }
  }
  return { message }
}

function triggerReply(outcome: Outcome, frame: Frame): Reply {
  if (outcome.outcome === 'challenged') {
    const detail = challengeDetail(outcome.issued, PROMPT)
    const value = outcome.issued.length
    return success({ id: 2, value, authentication: 'CHALLENGE', detail }, frame)
  }
  const rejected = outcome as Rejected
  const refused = rejected.reason === 'unknown_serial' ? undefined : triggerRefusal(rejected)
  if (refused) return failure(refused, frame)
  const none = { messages: [], multi_challenge: [], transaction_ids: [] }
  const detail = NOT_SENT.includes(rejected.reason) ? rejectDetail(rejected) : none
  return success({ id: 2, value: 0, authentication: 'REJECT', detail }, frame)
}

function triggerRefusal(rejected: Rejected): Failure | undefined {
  const { reason } = rejected
  if (reason !== 'unknown_user' && reason !== 'unknown_realm') return refusal(rejected)
  const message = 'ERR904: The user can not be found in any resolver in this realm!'
  return { status: 400, code: 904, message }
}
