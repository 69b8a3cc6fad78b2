/** Differences in what administrators see and set. */
import { AUTHENTICATION } from '../../functions/core/policy/actions.ts'
import type { Deviation } from './deviations.ts'
import { baseline } from './in-force.ts'
import {
  having,
  mailing,
  malformed,
  notSent,
  refused,
  titled,
  unmailed,
  writing,
} from './patches.ts'
import type { Json } from './recording.ts'

const ASKED_FIRST =
  'Authorization is asked before a code is mailed or a counter moved (contract 3.1, 8)'

const FOLDERS = /^(?:realms|providers)\//

/** Every parameter of the scenario but realms, servers and policies, which have routes of their own. */
const CONFIGURATION: { [name: string]: Json } = {
  ...Object.fromEntries(Object.entries(baseline(1)).filter(([name]) => !FOLDERS.test(name))),
  'signing.key': '__CENSORED__',
  'email.identifier': 'sink',
  'email.validtime': '120',
  'email.concurrent_challenges': 'False',
}

const COUNTS = new Set(['email_otplen', 'email_validtime'])

const DEFINITIONS: { [name: string]: Json } = Object.fromEntries(
  Object.entries(AUTHENTICATION).map(([name, kind]) => [
    name,
    { desc: kind.accepted, type: 'flag' in kind ? 'bool' : COUNTS.has(name) ? 'int' : 'str' },
  ]),
)

export const SETTINGS: Deviation[] = [
  {
    steps: ['17c-smtp-admin/send-test-email', '17c-smtp-admin/system-test-email'],
    reason:
      'The test mail says who sent it: the words are for an administrator, not for a client (DESIGN §5: no honest client notices).',
    instead: mailing(
      'Test e-mail from Otpost',
      [
        'This is a test e-mail',
        'The mail server took this test e-mail from Otpost. Codes can be sent the same way.',
        'It carries no code.',
        'Somebody who administers the service asked for it. You need not answer.',
      ].join('\n\n'),
    ),
  },
  {
    steps: ['17c-smtp-admin/send-test-email-down'],
    reason:
      'The reference crashes (500). Otpost answers 400 and says what is wrong (DESIGN §4.7: every input yields a defined 2xx or 4xx).',
    instead: malformed('The test e-mail was not sent: connect ECONNREFUSED 127.0.0.1:1'),
  },
  {
    steps: ['17c-smtp-admin/get-config'],
    reason:
      'The configuration told is that of Otpost: every parameter that is set, by its own name (DESIGN §5 Configuration; no honest client notices).',
    instead: ({ answer, mail }) => ({
      answer: {
        ...answer,
        json: {
          ...(answer.json as object),
          result: { status: true, value: { __timestamp__: '0.0', ...CONFIGURATION } },
        },
      },
      mail,
    }),
  },
  {
    steps: ['17c-smtp-admin/policy-defs-auth'],
    reason:
      'The actions told are those that have an effect in Otpost, in its own words (DESIGN §5: no honest client notices).',
    instead: having('result.value', DEFINITIONS),
  },
  {
    steps: ['06-transport/accept-language-de-trigger'],
    reason:
      "A subject that nobody set is in the language of who asks, as the answer and the built-in text are (DESIGN §3: sentences per locale); the reference's is always English. With `email.subject` it is that one.",
    instead: titled('Ihr Einmalcode'),
  },
  {
    steps: ['18-emailtext/all-tags'],
    reason:
      '`{client_ip}` is the address of who asks, where the reference prints None; `{url}` is empty, for no mail carries a link that is derived from the request (DESIGN §5 Mail).',
    instead: writing((body) => body.replace('http://127.0.0.1:5001 [None]', ' [127.0.0.1]')),
  },
  {
    steps: ['18-emailtext/html-template-escapes', '18-emailtext/missing-template-falls-back'],
    reason:
      'A text in a file is refused by name, and what was in force stays in force (DESIGN §4.8, §5 Not copied: `file:` paths): the text of the step before, which cannot be sent.',
    instead: notSent,
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
  {
    steps: ['19e-response-policies/tokentype-hotp-wrong-pin'],
    reason: `${ASKED_FIRST}, and before a PIN is looked at.`,
    instead: refused(403, 303, 'Tokentype not allowed for authentication!'),
  },
  {
    steps: ['19e-response-policies/serial-^OATH-wrong-pin'],
    reason: `${ASKED_FIRST}, and before a PIN is looked at.`,
    instead: refused(403, 303, 'Serial is not allowed for authentication!'),
  },
]
