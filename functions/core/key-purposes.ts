/**
 * What there is a key for:
 * - `secret` seals HOTP secrets: enrolment and delivery
 * - `answer` MACs codes: delivery and validation
 * - `pin` peppers PINs and passwords
 * - `session` signs sessions
 * - `api` signs API keys, and vouches for sessions to who must not be able to make them
 * - `self` signs sessions of the self-service, whose function can make no other
 * - `audit` seals the records of the audit
 * - `report` seals what mails take along for what is reported of them
 */
export const KEY_PURPOSES = [
  'secret',
  'answer',
  'pin',
  'session',
  'api',
  'self',
  'audit',
  'report',
] as const
export type KeyPurpose = (typeof KEY_PURPOSES)[number]
