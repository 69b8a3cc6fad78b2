/** What each parameter is for, in one sentence: the text of the parameter reference. */
import { isNamedSecret, PORT_BY_TLS, SCHEMA } from './settings-schema.ts'
import type { Parameter, ParameterName, SecretName } from './settings-schema.ts'
import { directory } from './directory.ts'
import { managedHash } from './managed-hash.ts'
import { provider } from './provider.ts'
import { resolvers } from './setting-kinds-net.ts'

type Entry = {
  about: string
  /** The document that asks for it. */
  from: string
}

const PRIVACYIDEA = 'privacyIDEA'
const LINOTP = 'LinOTP'
const NETIQ = 'NetIQ'
const REL_ID = 'REL-ID'
const OTPOST = 'Otpost'

const REFERENCE: Readonly<Record<ParameterName | SecretName, Entry>> = {
  'signing.key': {
    about:
      'An RSA key of 2048 bits in PEM (PKCS #8) that signs every answer of the privacyIDEA wire.',
    from: PRIVACYIDEA,
  },
  'mail.provider': {
    about: 'Who sends the mail: Amazon SES or a mail server.',
    from: LINOTP,
  },
  'email.identifier': {
    about:
      'The providers of `providers/<name>` that send where neither the token nor a policy names one: ' +
      'the default, then those that are tried when it fails; empty: what `mail.provider` says.',
    from: PRIVACYIDEA,
  },
  'email.mailserver': {
    about: 'The mail server; required with `mail.provider=smtp`, unused otherwise.',
    from: PRIVACYIDEA,
  },
  'email.port': { about: "The mail server's port.", from: PRIVACYIDEA },
  'email.tls': {
    about: 'How the connection is encrypted; once asked for, mail never goes out without it.',
    from: PRIVACYIDEA,
  },
  'email.ca': {
    about:
      "Certificate authorities to trust instead of the public ones, for a private mail server's.",
    from: OTPOST,
  },
  'email.client_certificate': {
    about: 'The certificate Otpost shows to the mail server, with `email.client_key`.',
    from: LINOTP,
  },
  'email.client_key': { about: 'The private key of `email.client_certificate`.', from: LINOTP },
  'email.username': {
    about: 'The mail user; without one nobody logs in to the mail server.',
    from: PRIVACYIDEA,
  },
  'email.authentication_required': {
    about: 'Whether `email.username` logs in to the mail server; if not, it is only kept.',
    from: NETIQ,
  },
  'email.password': { about: "The mail user's password.", from: PRIVACYIDEA },
  'email.timeout': {
    about: 'How long a mail server may take to accept one mail.',
    from: PRIVACYIDEA,
  },
  'email.mailfrom': {
    about: 'The sender of every mail; no mail goes out without it.',
    from: PRIVACYIDEA,
  },
  'email.subject': {
    about:
      "The subject of mails with a sign-in code; empty: the built-in one in the person's language " +
      '(`Your OTP`).',
    from: LINOTP,
  },
  'email.text': {
    about: 'The text of every mail with a sign-in code; empty: the built-in one.',
    from: NETIQ,
  },
  'email.validtime': { about: 'How long a code can be used.', from: PRIVACYIDEA },
  'email.concurrent_challenges': {
    about: 'Whether an older code stays usable when a newer one is sent.',
    from: PRIVACYIDEA,
  },
  'email.resend_after': {
    about:
      'How long a code that nobody has answered keeps a new mail back: the same challenge is told ' +
      'again. 0: not at all.',
    from: NETIQ,
  },
  EmailBlockingTimeout: {
    about: "The same for LinOTP's wire, where the longer of the two counts.",
    from: LINOTP,
  },
  EMAIL_CHALLENGE_PROMPT: {
    about: "What `/v1` and LinOTP's wire say when a mail was sent; empty: words of their own.",
    from: LINOTP,
  },
  'email.delivery_wait': {
    about: 'How long a trigger waits for the mail to be accepted before it answers; 0: not at all.',
    from: OTPOST,
  },
  'mail.locale': {
    about: 'The language of mails to people of whom, and of whose program, none is known.',
    from: PRIVACYIDEA,
  },
  'mail.service': {
    about: 'What people sign in to: named above the built-in mails, and the tag `{app}`.',
    from: OTPOST,
  },
  'mail.per_hour': {
    about:
      'How many mails one address gets within an hour, of one account and, of those to an address that ' +
      'was only typed, of all of them; 0 switches this limit off.',
    from: OTPOST,
  },
  'mail.per_day': {
    about: 'The same within 24 hours; 0 switches this limit off.',
    from: OTPOST,
  },
  'address.allowed_domains': {
    about:
      'The domains whose addresses may be registered; `*.example.org` means those below ' +
      'example.org without itself; empty: any.',
    from: OTPOST,
  },
  'address.denied_domains': {
    about: 'The domains whose addresses may not be registered, also when allowed above.',
    from: OTPOST,
  },
  'address.disposable': {
    about: 'Whether addresses of throw-away services may be registered.',
    from: OTPOST,
  },
  'address.check_domain': {
    about:
      'Whether the domain of an address must have an MX or address record, wherever the address is ' +
      'typed; an import asks with --check-domains.',
    from: 'REL-ID',
  },
  'address.on_dns_failure': {
    about: 'What happens to an address whose domain cannot be checked because DNS fails.',
    from: OTPOST,
  },
  'allowed.auth.factors': {
    about:
      'The factors people may log in with; without `emailOtp` no code is mailed to log in, and ' +
      'addresses and tokens stay as they are. The other names are accepted and change nothing.',
    from: REL_ID,
  },
  'allowed.reg.factors': {
    about:
      'The factors people may register; without `emailOtp` nobody registers or changes an address, ' +
      'and logins go on.',
    from: REL_ID,
  },
  'email.require_verified': {
    about: 'Whether codes are mailed only to addresses that have been proven.',
    from: REL_ID,
  },
  'registration.validtime': {
    about: 'How long the code for a new address can be entered; the address is pending until then.',
    from: REL_ID,
  },
  'registration.per_hour': {
    about:
      'How many new addresses one user may ask for a code at, or have looked up in DNS, in an hour; ' +
      '0: no limit.',
    from: OTPOST,
  },
  'selfservice.dispute_hours': {
    about: 'How long the reader of the address before can say that it was somebody else.',
    from: OTPOST,
  },
  'selfservice.url': {
    about: 'Where the pages of the self-service are; mails about a changed address lead there.',
    from: OTPOST,
  },
  'selfservice.contact': {
    about:
      'Whom a mail about a changed address says to tell, such as `the help desk, extension 112`.',
    from: OTPOST,
  },
  'mask.address': {
    about:
      'How an address is shown before login: a letter of the sample is one that is shown. At least ' +
      'half of the name before the @ is always hidden.',
    from: NETIQ,
  },
  'otp.length': {
    about:
      'How many digits a code of a new token has. RFC 4226 and NIST SP 800-63B ask for six. Five want ' +
      '`account.max_wrong_per_day` at 10 or less beside them, four want 1: set both together.',
    from: 'REL-ID',
  },
  'hotp.hashlib': { about: 'The hash function of new tokens (RFC 4226).', from: PRIVACYIDEA },
  'challenge.max_attempts': {
    about: 'How many answers one challenge evaluates.',
    from: OTPOST,
  },
  'account.max_wrong_per_day': {
    about: 'How many wrong answers one account may give within 24 hours.',
    from: OTPOST,
  },
  'account.max_consecutive_wrong': {
    about: 'How many wrong answers in a row lock an account.',
    from: 'NIST SP 800-63B-4',
  },
  'token.max_failcount': {
    about: 'How many failures lock a new token.',
    from: PRIVACYIDEA,
  },
  failcounter_clear_timeout: {
    about: 'How long after its last failure a locked token is unlocked; 0: never by itself.',
    from: PRIVACYIDEA,
  },
  'realm.default': { about: 'The realm of users named without one.', from: PRIVACYIDEA },
  splitAtSign: {
    about: 'Whether `user@realm` is split when the realm exists.',
    from: PRIVACYIDEA,
  },
  PrependPin: {
    about: 'Whether the PIN comes before the code where both are typed at once.',
    from: PRIVACYIDEA,
  },
  IncFailCountOnFalsePin: {
    about: 'Wrong PINs have a counter and delays of their own.',
    from: PRIVACYIDEA,
  },
  no_auth_counter: {
    about: 'Logins are counted in a token only where a policy needs it.',
    from: PRIVACYIDEA,
  },
  ReturnSamlAttributes: {
    about: "Whether `/validate/samlcheck` tells the user's attributes with a success.",
    from: PRIVACYIDEA,
  },
  ReturnSamlAttributesOnFail: {
    about: 'The same with a failure.',
    from: PRIVACYIDEA,
  },
  allowSamlAttributes: {
    about: "Whether `/linotp/validate/samlcheck` tells the user's attributes with a success.",
    from: LINOTP,
  },
  profile: {
    about:
      'Whether answers follow the reference servers, or tell an outsider as little as possible.',
    from: OTPOST,
  },
  'validate.clients': {
    about: 'The networks that may call the validation routes; empty: anybody.',
    from: LINOTP,
  },
  api_key_required: {
    about: 'Whether the validation routes demand an API key.',
    from: OTPOST,
  },
  api_keys: {
    about: 'The API keys in force; `apikey create` and `apikey revoke` write it.',
    from: OTPOST,
  },
  'selfservice.session_minutes': {
    about: 'How long a session of the self-service lasts, however busy.',
    from: OTPOST,
  },
  'selfservice.reauth_minutes': {
    about: 'How long after a sign-in a session may change PIN, address and tokens without another.',
    from: 'REL-ID',
  },
  'selfservice.clients': {
    about: 'The networks that may call the self-service; empty: anybody.',
    from: OTPOST,
  },
  'log.level': {
    about: 'The least severe entries that are logged; audit and deliveries are logged always.',
    from: OTPOST,
  },
  'audit.retention_days': {
    about: 'How long a record of the audit is kept; it counts for records made from then on.',
    from: OTPOST,
  },
  'delivery_log.retention_days': {
    about: 'How long a record of the delivery log is kept.',
    from: NETIQ,
  },
}

const INTRODUCTION = `# Parameters

<!-- Written by bin/parameters.ts from functions/core/settings-schema.ts: change those instead. -->

Parameters live in SSM Parameter Store under \`/otpost/<stage>/\`: the mail server of the stage
\`prod\` is \`/otpost/prod/email.mailserver\`. A parameter that does not exist has its default.
Words are read in any case, white space around a value is ignored.

- **All or nothing.** Parameters are checked together. While one of them is refused, the last set
  that was valid stays in force entirely, the metric \`SettingsRefused\` counts, and
  \`otpost config check\` names each problem.
- **First start.** If there has never been a valid set, a refused parameter has its default, or its
  strictest value where the table names one, until it is repaired. A refused policy is left out.
- **Typos.** A name two letters or less away from a known one is refused with a suggestion. Any other
  unknown name is reported and ignored.
- **Secrets** are SecureStrings. Only \`deliver\` decrypts those of mail servers, \`resolve\` those of
  resolvers, \`validate\` and \`admin\` the \`signing.key\`.
- **Guessing.** With n = \`account.max_wrong_per_day\` and L = \`otp.length\`, a set with
  n / 10^L > 10^-4 is refused; an account whose token has a shorter code gets fewer guesses.
`

/** The parameter reference in Markdown. */
export function describeSettings(): string {
  const names = Object.keys(REFERENCE) as (ParameterName | SecretName)[]
  const rows = [
    ['Name', 'Accepted', 'Default', 'Strictest', 'Meaning', 'From'],
    ['---', '---', '---', '---', '---', '---'],
    ...names.map(describe),
    [
      '`realms/<name>`',
      resolvers.accepted,
      'none',
      '',
      'Declares a further realm by its resolvers.',
      PRIVACYIDEA,
    ],
    [
      '`resolvers/<name>`',
      directory.accepted.replaceAll(/\{[^}]*\}/g, '`$&`'),
      'none',
      '',
      'Declares a further directory of users; `directory` is always there. Members: see RESOLVERS.md.',
      PRIVACYIDEA,
    ],
    [
      '`resolvers/<name>.password`',
      'a SecureString',
      'none',
      '',
      "The password of that resolver's `bind_dn`.",
      PRIVACYIDEA,
    ],
    [
      '`providers/<name>`',
      provider.accepted.replaceAll(/\{[^}]*\}/g, '`$&`'),
      'none',
      '',
      'A provider that `email.identifier`, a policy (`email_provider`) or a token names. Members: ' +
        '`kind` (`smtp` or `ses`), `server`, `port`, `tls`, `username`, `sender`, `subject`, ' +
        '`template`, `timeout`, `description`, `client_certificate`, `ca`.',
      LINOTP,
    ],
    [
      '`providers/<name>.password`',
      'a SecureString',
      'none',
      '',
      "The password of that mail server's user.",
      PRIVACYIDEA,
    ],
    [
      '`providers/<name>.client_key`',
      'a SecureString',
      'none',
      '',
      "The private key of that provider's `client_certificate`, in PEM.",
      LINOTP,
    ],
    [
      '`providers/<name>.managed`',
      managedHash.accepted,
      'none',
      '',
      'Makes that provider a managed one: its configuration is shown to nobody, and who changes, ' +
        'deletes or tests it needs the password. Set by `managed` of `/linotp/system/setProvider`, ' +
        'of `/v1/providers` and of `/smtpserver`, and by `otpost provider set --ask-managed`.',
      LINOTP,
    ],
    [
      '`policies/<name>`',
      'a JSON object such as `{"scope": "authentication", "action": {"otppin": "userstore"}}`',
      'none',
      '',
      'A policy: what holds for whom. Members: `scope`, `action`, `active`, `user`, `realm`, ' +
        '`resolver`, `adminuser`, `adminrealm`, `client`, `user_agents`, `application`, `time` (UTC), ' +
        '`priority`, `precedence` (`priority`, or `specific` as in LinOTP), `description`. See POLICIES.md.',
      PRIVACYIDEA,
    ],
  ]
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `${INTRODUCTION}\n<!-- prettier-ignore -->\n${table}\n`
}

function describe(name: ParameterName | SecretName): string[] {
  const { about, from } = REFERENCE[name]
  if (isNamedSecret(name)) return [code(name), 'a SecureString', 'none', '', about, from]

  const { kind, strictest }: Parameter<unknown> = SCHEMA[name]
  // An asterisk would begin emphasis.
  const accepted = kind.accepted.replaceAll('*', String.raw`\*`)
  return [code(name), accepted, defaultOf(name), strictest ? code(strictest) : '', about, from]
}

function defaultOf(name: ParameterName): string {
  if (name === 'email.port') {
    const { none, starttls, implicit } = PORT_BY_TLS
    return `${none}; ${starttls} with \`email.tls=starttls\`, ${implicit} with \`implicit\``
  }
  const text = String(SCHEMA[name].default)
  return text === '' ? 'empty' : code(text)
}

const code = (text: string) => `\`${text}\``
