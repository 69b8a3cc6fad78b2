/** Differences in what administrators see and set. */
import type { Deviation } from './deviations.ts'
import { mailing, malformed, refused, unmailed } from './patches.ts'

const ASKED_FIRST =
  'Authorization is asked before a code is mailed or a counter moved (contract 3.1, 8)'

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
  {
    steps: ['18-emailtext/html-template-escapes'],
    reason:
      'A text in a file is refused by name, and what was in force stays in force (DESIGN §4.8, §5 Not copied: `file:` paths).',
    instead: mailing('Your OTP', '287082'),
  },
  {
    steps: [
      '19e-response-policies/authorized-deny_access-trigger',
      '19e-response-policies/tokentype-hotp-trigger',
      '19e-response-policies/serial-^OATH-trigger',
    ],
    reason: `${ASKED_FIRST}.`,
    instead: unmailed,
  },
  {
    steps: ['19e-response-policies/tokentype-hotp-ok'],
    reason: `${ASKED_FIRST}; the reference forgets to ask it of the answer.`,
    instead: refused(403, 303, 'Tokentype not allowed for authentication!'),
  },
]
