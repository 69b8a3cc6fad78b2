/** Differences in what administrators see and set. */
import type { Deviation } from './deviations.ts'
import { mailing, malformed } from './patches.ts'

export const SETTINGS: Deviation[] = [
  {
    steps: ['17c-smtp-admin/send-test-email', '17c-smtp-admin/system-test-email'],
    reason:
      'The test mail says who sent it: the words are for an administrator, not for a client (DESIGN §5: no honest client notices).',
    instead: mailing(
      'Test e-mail from Otpost',
      'The mail server took this test e-mail from Otpost. It carries no code.',
    ),
  },
  {
    steps: ['17c-smtp-admin/send-test-email-down'],
    reason:
      'The reference crashes (500). Otpost answers 400 and says what is wrong (DESIGN §4.7: every input yields a defined 2xx or 4xx).',
    instead: malformed('The test e-mail was not sent: connect ECONNREFUSED 127.0.0.1:1'),
  },
]
