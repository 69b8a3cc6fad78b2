/** What a login that was refused is told. */
import type { RejectReason } from '../../core/authenticate.ts'
import type { Ports } from '../../core/ports.ts'
import type { Reply } from '../reply.ts'
import type { ReplyDoc } from './operation.ts'
import { problem, problemSchema } from './problem.ts'

/** Reasons and their sentences. Several of ours share one: a guesser must not tell them apart. */
const SENTENCES = {
  unknown_user: 'There is no such user.',
  unknown_serial: 'There is no such token.',
  serial_of_other: 'The token does not belong to the user.',
  no_token: 'The user has no token.',
  revoked: 'The token is revoked.',
  disabled: 'The token is disabled.',
  locked: 'There were too many failures.',
  not_enrolled: 'The token is not yet enrolled.',
  wrong_pin: 'The PIN is wrong.',
  wrong_otp: 'The code is wrong or no longer valid.',
  no_challenge: 'There is no such challenge to answer.',
  not_sent: 'The PIN was correct, but the mail could not be sent.',
  rejected: 'The login was refused.',
} as const
type ToldReason = keyof typeof SENTENCES

const TOLD: Record<RejectReason | 'step_missing', ToldReason> = {
  // policies want a new PIN or an address, which only the reference's wire can ask for
  step_missing: 'rejected',
  nobody_named: 'unknown_user',
  unknown_user: 'unknown_user',
  unknown_realm: 'unknown_user',
  unknown_serial: 'unknown_serial',
  serial_of_other: 'serial_of_other',
  no_token: 'no_token',
  revoked: 'revoked',
  disabled: 'disabled',
  locked: 'locked',
  not_enrolled: 'not_enrolled',
  wrong_pin: 'wrong_pin',
  pin_delayed: 'wrong_pin',
  wrong_otp: 'wrong_otp',
  previous_otp: 'wrong_otp',
  wrong: 'wrong_otp',
  altered: 'wrong_otp',
  closed: 'wrong_otp',
  unknown: 'no_challenge',
  other_application: 'no_challenge',
  used: 'no_challenge',
  replayed: 'no_challenge',
  guess_budget: 'locked',
  mail_failed: 'not_sent',
  mail_limit: 'not_sent',
  no_address: 'not_sent',
  undeliverable: 'not_sent',
  unusable: 'not_sent',
  not_valid_now: 'disabled',
  unknown_owner: 'unknown_user',
  no_suitable_token: 'no_token',
  factor_off: 'no_token',
  address_unverified: 'no_token',
  registration_off: 'rejected',
  enrolment_refused: 'rejected',
  bad_address: 'rejected',
  new_pin_differs: 'rejected',
  new_pin_refused: 'rejected',
  no_api_key: 'rejected',
  not_authorized: 'rejected',
  policy_conflict: 'rejected',
  serial: 'rejected',
  tokentype: 'rejected',
  too_many_failures: 'rejected',
  too_many_successes: 'rejected',
  unused_too_long: 'rejected',
}

/** The problem a refused login is answered with; one and the same where the profile is `hardened`. */
export async function refusal(
  { settings }: Pick<Ports, 'settings'>,
  { reason }: { reason: RejectReason | 'step_missing' },
): Promise<Reply> {
  const { profile } = await settings.current()
  const told = profile === 'hardened' ? 'rejected' : TOLD[reason]
  return problem('rejected', { detail: SENTENCES[told], reason: told })
}

export const rejectedReply: ReplyDoc = {
  description:
    'The login was refused; `reason` says why, and is always `rejected` in the profile `hardened`. ' +
    'Problems of the type `client` come from addresses outside `validate.clients`.',
  schema: {
    ...problemSchema,
    title: 'Refusal',
    description: 'Problem details of a login that was refused.',
    properties: {
      ...problemSchema.properties,
      reason: { type: 'string', enum: Object.keys(SENTENCES) },
    },
  },
  example: {
    type: 'urn:otpost:problem:rejected',
    title: 'Authentication failed',
    status: 403,
    detail: SENTENCES.wrong_pin,
    reason: 'wrong_pin',
  },
}
