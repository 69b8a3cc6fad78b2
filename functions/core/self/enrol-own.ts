import type { Account } from '../account.ts'
import type { Caller } from '../caller.ts'
import type { Enrolment, EnrolResult } from '../enrol-token.ts'
import { offersRegistration } from '../factors.ts'
import { personOf } from '../login-policy.ts'
import { enrollmentRefusal, enrollmentRules } from '../policy/enrollment-rules.ts'
import type { Ports } from '../ports.ts'
import { DISPUTED, isDisputed } from '../registration/former-addresses.ts'
import { tokenCounts } from '../token-counts.ts'
import { enrolAndTell } from '../told-changes.ts'

/** `forbidden`: policies of the scope enrollment do not want one more, or not without a description. */
export type OwnToken = {
  pin?: string | undefined
  description?: string | undefined
  caller: Caller
}

/**
 * Enrols a token that mails codes to its user's own address, whatever that is then. Its secret is
 * derived: who makes it cannot read it.
 */
export async function enrolOwnToken(
  ports: Ports,
  account: Account,
  { pin, description, caller }: OwnToken,
): Promise<EnrolResult> {
  const current = await ports.settings.current()
  const { policies } = current
  const { login, realm, resolver } = personOf(account, current)
  const { clientIp: client, userAgent } = caller
  const who = { login, realm, resolver, client, userAgent, now: ports.now() }
  const rules = enrollmentRules(policies, who)
  const enrolment: Enrolment = {
    account,
    derived: true,
    ...(pin === undefined ? {} : { pin }),
    ...(description === undefined ? {} : { description }),
    forbid(owner) {
      if (isDisputed(owner)) return DISPUTED
      if (!offersRegistration(current)) return 'Registration of e-mail addresses is switched off.'
      const [conflict] = rules.conflicts
      if (conflict) return `There are conflicting policies for ${conflict.action}.`
      if (rules.requireDescription.value.includes('email') && !description) {
        return 'Description required for email token.'
      }
      return enrollmentRefusal(rules, tokenCounts(owner))
    },
  }
  return enrolAndTell(ports, enrolment, caller)
}
