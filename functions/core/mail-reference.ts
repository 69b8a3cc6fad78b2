import type { OpenChallenge } from './account.ts'
import type { Message } from './deliver-otp.ts'
import type { MailReference } from './ports.ts'

const KINDS: Readonly<Record<NonNullable<OpenChallenge['purpose']>, MailReference['kind']>> = {
  enrolment: 'enrolment',
  login_enrolment: 'enrolment',
  address: 'address',
  self_service: 'self_service',
  test: 'test',
}

/** What the mail of a challenge is about. */
export function referenceOf({ account, challenge, former, notice }: Message): MailReference {
  const { transactionId, serial } = challenge
  const purpose = account.open.find(
    (one) => one.transactionId === transactionId && one.serial === serial,
  )?.purpose
  const news = former ? 'notice' : notice && 'token_notice'
  const kind = news ?? (purpose ? KINDS[purpose] : 'login')
  return { kind, transactionId, serial }
}
