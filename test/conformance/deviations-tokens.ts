/** Differences in what is told of tokens, and in which tokens there are. */
import type { Deviation } from './deviations.ts'
import { malformed, without } from './patches.ts'
import type { Json, Step } from './recording.ts'

export const TOKENS: Deviation[] = [
  {
    steps: showsSeed,
    reason:
      'The seed of an e-mail token is never returned to anyone (DESIGN §4.2: the OTP exists in the mailing function and the mailbox only; whoever has the seed has every code).',
    instead: without('detail.googleurl', 'detail.oathurl', 'detail.otpkey'),
  },
  {
    steps: ['02-init/empty-email'],
    reason: 'An address is validated when it is stored (DESIGN §4.6; contract 3.1, 9).',
    instead: malformed('Missing parameter: email'),
  },
  {
    steps: ['02-init/not-an-address'],
    reason: 'An address is validated when it is stored (DESIGN §4.6; contract 3.1, 9).',
    instead: malformed('email is not one e-mail address like name@example.org.'),
  },
]

function showsSeed({ response }: Step): boolean {
  const detail = (response.json as { detail?: { [name: string]: Json } } | undefined)?.detail
  return detail?.otpkey !== undefined
}
