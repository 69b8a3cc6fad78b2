/** Differences in what is told of tokens and users, and in which tokens there are. */
import { ADMIN_RIGHTS } from '../../functions/core/policy/actions.ts'
import type { Deviation } from './deviations.ts'
import {
  all,
  challenged,
  everywhere,
  having,
  malformed,
  noMatch,
  notSent,
  onlyType,
  refused,
  rejected,
  saying,
  without,
  wrongOtp,
} from './patches.ts'
import type { Json, Step } from './recording.ts'

const VALIDATED = 'An address is validated before it is stored (DESIGN §4.6; contract 3.1, 9).'
const NO_HARDWARE =
  'Otpost has e-mail tokens, and `spass` for a first factor; hardware tokens are refused, so there is none to ask'
const OWN_RIGHTS =
  'The rights, token types and menus told are those Otpost has; clients look for single names in them, and find those that work (DESIGN §5: no honest client notices).'

/** Enrolments by users themselves, with nothing but their password. */
const USERS_ENROL = ['02-init/user-enrols-own', '02-init/user-tries-other-user']

export const TOKENS: Deviation[] = [
  {
    steps: showsSeed,
    reason:
      'The seed of a token is never returned to anyone (DESIGN §4.2: the OTP exists in the mailing function and the mailbox only; whoever has the seed has every code).',
    instead: without('detail.googleurl', 'detail.oathurl', 'detail.otpkey'),
  },
  {
    steps: ['02-init/empty-email'],
    reason: VALIDATED,
    instead: malformed('Missing parameter: email'),
  },
  {
    steps: ['02-init/not-an-address'],
    reason: VALIDATED,
    instead: malformed(
      'email is not one e-mail address like name@example.org. ' +
        'The @ is missing; type the whole address, such as name@example.org.',
    ),
  },
  {
    steps: ['17-smtp/user-without-address'],
    reason:
      'A mail without a recipient is not sent, and the caller is told so (DESIGN §4.6; contract 3.1, 9).',
    instead: notSent,
  },
  {
    steps: ['17-smtp/bad-address'],
    reason: `${VALIDATED} The token of the recording was refused, so there is none with this PIN.`,
    instead: rejected({ message: 'wrong otp pin' }),
  },
  {
    steps: ['02-init/type-missing-defaults-hotp'],
    reason: `${NO_HARDWARE}.`,
    instead: malformed('type is hotp; email and spass are accepted.'),
  },
  {
    steps: ['02-init/unknown-type', '02b-init-without-any-admin-policy/unknown-type'],
    reason:
      'A type that does not exist is refused by name; the reference finds a right missing for it, or crashes where no right is needed (DESIGN §4.7).',
    instead: malformed('type is nonsense; email and spass are accepted.'),
  },
  {
    steps: ({ response }) => JSON.stringify(response.json ?? '').includes('"user_id":"1'),
    reason:
      "A user's id in the built-in directory is the login; ids of the recording's password file are not kept (DESIGN §5: no honest client notices).",
    instead: everywhere('user_id', (_, { username }) => username ?? ''),
  },
  {
    steps: ['03-list/csv'],
    reason:
      "As in the list, a user's id is the login; the order of a dictionary's members is nobody's to rely on (DESIGN §5: no honest client notices).",
    instead: saying((text) =>
      text
        .replace("'1001'", "'alice'")
        .replace(
          /, 'tokenkind': 'software', 'hashlib': 'sha1', ('creation_date': '[^']*')/,
          ", $1, 'hashlib': 'sha1', 'tokenkind': 'software'",
        ),
    ),
  },
  {
    steps: ['01-auth/admin-ok', '01-auth/admin-json-body'],
    reason: OWN_RIGHTS,
    instead: all(
      having('result.value.default_tokentype', 'email'),
      having('result.value.menus', ['config', 'users', 'tokens']),
      having('result.value.rights', [...ADMIN_RIGHTS]),
    ),
  },
  {
    steps: [
      '01-auth/user-ok',
      '01-auth/user-at-realm-ok',
      '22-auth-loginmode-privacyidea/auth-otp',
    ],
    reason: `${OWN_RIGHTS} Users have those that change no factor while no policy of the scope \`user\` grants more (DESIGN §4, §5).`,
    instead: all(
      having('result.value.default_tokentype', 'email'),
      having('result.value.menus', ['users', 'tokens']),
      having('result.value.rights', ['disable', 'setdescription', 'auditlog']),
    ),
  },
  {
    steps: USERS_ENROL,
    reason:
      'Without a policy of the scope `user`, users look at their tokens and protect them; they change no factor. Closes a weakness: a password alone must not become a login without the mailbox (DESIGN §4, §5).',
    instead: refused(
      403,
      303,
      'The action enrollEMAIL needs a policy of the scope user that allows it.',
    ),
  },
  {
    steps: ['01-auth/rights-with-token'],
    reason: OWN_RIGHTS,
    instead: having('result.value', {
      email: 'E-mail: a one-time password by e-mail.',
      spass: 'Simple pass: the PIN alone lets in.',
    }),
  },
  {
    steps: ['04-lifecycle/lost'],
    reason:
      'The replacement of a lost token is an `spass` token whose PIN is the password told, so the lost PIN is not copied (Otpost has no `pw` tokens).',
    instead: having('result.value.pin', false),
  },
  {
    steps: ['12d-email-plus-hotp/hotp-pin+otp'],
    reason: `${NO_HARDWARE}.`,
    instead: wrongOtp('PIEMA'),
  },
  {
    steps: [
      '12d-email-plus-hotp/pin-only-with-challenge_response-hotp',
      '12d-email-plus-hotp/type-param-no-policy',
    ],
    reason: `${NO_HARDWARE}.`,
    instead: onlyType('email'),
  },
  {
    steps: ['12d-email-plus-hotp/answer-with-hotp'],
    reason: `${NO_HARDWARE}.`,
    instead: noMatch('PIEMA'),
  },
  {
    steps: ['12d-email-plus-hotp/type-param-hotp'],
    reason: `${NO_HARDWARE}.`,
    instead: rejected({ message: 'The user has no tokens assigned' }),
  },
  {
    steps: ['19e-response-policies/add_user_in_response-ok'],
    reason:
      "A user's profile is told without password hash and the line of the password file; the id is the login (DESIGN §4.2: no password in a reply).",
    instead: all(
      without('detail.user.cryptpass', 'detail.user.description', 'detail.user.password'),
      everywhere('userid', (_, { username }) => username ?? ''),
    ),
  },
  {
    steps: ['20-verify_enrollment/token-of-failed-init-is-usable-unverified'],
    reason:
      'A token whose address was never verified cannot be used, however its enrolment ended (DESIGN §4.6).',
    instead: rejected({ message: 'Token is not yet enrolled' }),
  },
  {
    steps: ['21-enroll_via_multichallenge/long-tld-rejected'],
    reason:
      'Every valid address is taken (DESIGN §5 Not copied: address pattern that refuses `+`, and top-level domains of more than four letters).',
    instead: challenged('PIEM0000297A', 'dave@enrolled.example', 120),
  },
]

/** Enrolments that Otpost refuses altogether. */
const REFUSED = new Set([
  ...['02-init/empty-email', '02-init/not-an-address', '02-init/type-missing-defaults-hotp'],
  ...['20-verify_enrollment/step1-smtp-down-exception'],
  ...USERS_ENROL,
])

function showsSeed({ name, response }: Step): boolean {
  if (REFUSED.has(name)) return false
  const detail = (response.json as { detail?: { [name: string]: Json } } | undefined)?.detail
  return detail?.otpkey !== undefined
}
