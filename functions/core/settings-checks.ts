/** What no parameter can be judged for alone. */
import { checkApplications } from './application-checks.ts'
import { checkDirectories } from './directory-checks.ts'
import { checkProviders, isPlaceholder, PLACEHOLDER } from './provider-checks.ts'
import { PORT_BY_TLS } from './settings-schema.ts'
import type { ParameterName, SecretName } from './settings-schema.ts'
import type { Problem } from './settings-problems.ts'
import type { Settings } from './settings.ts'

/** A problem of several parameters; `reset` names those that fall back to their defaults. */
export type Conflict = Problem & { reset?: readonly ParameterName[] }

/** Every contradiction and gap in settings whose values are each valid. */
export function crossCheck(settings: Settings): Conflict[] {
  const conflicts = [
    guessing,
    mailServer,
    sender,
    placeholder,
    login,
    clientCertificate,
    unusedServer,
  ]
    .map((check) => check(settings))
    .filter((conflict) => conflict !== undefined)
  return [
    ...conflicts,
    ...checkProviders(settings),
    ...checkDirectories(settings),
    ...checkApplications(settings),
  ]
}

/** P(guessed per account and day) = n / 10^L must not exceed 10^-4. */
function guessing(settings: Settings): Conflict | undefined {
  const length = settings['otp.length']
  const guesses = settings['account.max_wrong_per_day']
  const allowed = 10 ** (length - 4)
  if (guesses <= allowed) return undefined

  const probability = (guesses / 10 ** length).toExponential(1)
  return {
    name: 'account.max_wrong_per_day',
    value: String(guesses),
    reason:
      `lets a code be guessed too easily: ${guesses} guesses / 10^${length} codes ` +
      `(otp.length=${length}) = ${probability} per account and day, above 1.0e-4`,
    accepted: `at most ${allowed} with otp.length=${length}, or a longer code`,
    severity: 'error',
    reset: ['account.max_wrong_per_day', 'otp.length'],
  }
}

function mailServer(settings: Settings): Conflict | undefined {
  if (!usesSmtp(settings) || settings['email.mailserver'] !== '') return undefined
  return {
    name: 'email.mailserver',
    reason: 'is missing, but mail.provider=smtp needs a mail server',
    accepted: 'a host name, IPv4 or IPv6 address',
    severity: 'error',
  }
}

function sender(settings: Settings): Conflict | undefined {
  const from = settings['email.mailfrom']
  if (isSentWithout(settings)) return undefined
  const accepted = 'the e-mail address codes are sent from'
  if (from === '') return gap('email.mailfrom', 'incomplete: no mail goes out without it', accepted)

  const username = settings['email.username']
  const mismatch = username.includes('@') && username.toLowerCase() !== from.toLowerCase()
  if (!usesSmtp(settings) || !mismatch) return undefined
  return gap('email.mailfrom', 'differs from email.username; mail servers may refuse it', accepted)
}

/** Whether every mail has a sender without `email.mailfrom`. */
function isSentWithout({ 'email.identifier': names, providers }: Settings): boolean {
  const sending = names.flatMap((name) => providers.get(name) ?? [])
  return sending.length > 0 && sending.every(({ sender }) => sender !== '')
}

function placeholder(settings: Settings): Conflict | undefined {
  if (!isPlaceholder(settings['email.mailfrom'])) return undefined
  return gap('email.mailfrom', PLACEHOLDER, 'the e-mail address codes are sent from')
}

function login(settings: Settings): Conflict | undefined {
  if (!usesSmtp(settings)) return undefined
  if (!settings['email.authentication_required']) return undefined
  const named = settings['email.username'] !== ''
  const secret = settings['email.password'] !== undefined
  if (named && !secret) return missing('email.password', 'email.username')
  if (secret && !named) return missing('email.username', 'email.password')
  if (!named || settings['email.tls'] !== 'none') return undefined
  return gap(
    'email.tls',
    `is none, so the password crosses the network in clear to port ${settings['email.port']}`,
    `starttls (port ${PORT_BY_TLS.starttls}) or implicit (port ${PORT_BY_TLS.implicit})`,
  )
}

function clientCertificate(settings: Settings): Conflict | undefined {
  const certificate = settings['email.client_certificate'] !== ''
  const key = settings['email.client_key'] !== undefined
  if (certificate && !key) return missing('email.client_key', 'email.client_certificate')
  if (key && !certificate) return missing('email.client_certificate', 'email.client_key')
  return undefined
}

function unusedServer(settings: Settings): Conflict | undefined {
  if (usesSmtp(settings) || settings['email.mailserver'] === '') return undefined
  if (settings['email.identifier'].length > 0) return undefined
  return gap('email.mailserver', 'is not used while mail.provider=ses', 'mail.provider=smtp')
}

/** Whether mail goes by the mail server of the `email.*` parameters. */
const usesSmtp = (settings: Settings) =>
  settings['mail.provider'] === 'smtp' && settings['email.identifier'].length === 0

const gap = (name: string, reason: string, accepted: string): Conflict => ({
  name,
  reason,
  accepted,
  severity: 'warning',
})

const missing = (
  name: ParameterName | SecretName,
  other: ParameterName | SecretName,
): Conflict => ({
  name,
  reason: `is missing, but ${other} is set`,
  accepted: `both ${other} and ${name}, or neither`,
  severity: 'error',
})
