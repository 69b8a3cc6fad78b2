import { storedProvider } from './flat-provider.ts'
import type { Clock, Mail, Mailer, Sent } from './ports.ts'
import { type Provider, type ProviderSecrets, sameCertificate, sameLogin } from './provider.ts'
import type { Settings } from './settings.ts'

/**
 * A mail without a code, to try a provider whose settings need not be stored; the empty identifier
 * is that of the settings. `password` is the one
 * to log in with and `clientKey` that of the client certificate; without them, those of the stored
 * provider of this name, if it is the same login and the same certificate.
 */
export type TestMail = {
  identifier: string
  provider: Provider
  password?: string
  clientKey?: string
  to: string
  /** What the mail says, in plain text. @default words of ours */
  text?: string
}

export type TestMailPorts = {
  settings: { current(): Promise<Settings> }
  /** A mailer for a provider that no setting has yet. */
  providerMailer: (provider: Provider, secrets: ProviderSecrets) => Mailer
  /** The secrets of a stored provider. */
  storedSecrets: (settings: Settings, identifier: string) => Promise<ProviderSecrets>
  /** Our words. */
  composeTest: (
    settings: Settings,
    mail: { to: string; at: Date },
  ) => Pick<Mail, 'subject' | 'text' | 'html'>
  /** Counts a test to an address, and tells the count of the running hour. */
  countTest: (to: string, now: number) => Promise<number>
  now: Clock
}

/** Tests that one address gets in an hour: enough to set up a server, too few to annoy anybody. */
const TESTS_PER_HOUR = 20

/** Sends it; how that went is a value. */
export async function sendTestMail(ports: TestMailPorts, request: TestMail): Promise<Sent> {
  const settings = await ports.settings.current()
  const { provider, to, text } = request
  const from = provider.sender || settings['email.mailfrom']
  if (!from) return { sent: false, failure: 'configuration', reply: 'There is no sender.' }
  if ((await ports.countTest(to, ports.now())) > TESTS_PER_HOUR) {
    const reply = `Otpost sends at most ${TESTS_PER_HOUR} tests an hour to one address.`
    return { sent: false, failure: 'quota', reply }
  }
  const date = new Date(ports.now())
  const { subject, ...ours } = ports.composeTest(settings, { to, at: date })
  return ports.providerMailer(provider, await secretsFor(ports, settings, request)).send({
    from,
    ...(provider.senderName === '' ? {} : { fromName: provider.senderName }),
    to,
    subject,
    ...(text === undefined ? ours : { text: `${text}\r\n` }),
    date,
    reference: { kind: 'test' },
  })
}

/** Nobody may read a stored secret off a server of their own: it goes where it was stored for. */
async function secretsFor(
  { storedSecrets }: TestMailPorts,
  settings: Settings,
  { identifier, provider, password, clientKey }: TestMail,
): Promise<ProviderSecrets> {
  const stored = storedProvider(settings, identifier)
  const kept = stored && (await storedSecrets(settings, identifier))
  return {
    password: password ?? (stored && sameLogin(stored, provider) ? kept?.password : undefined),
    clientKey:
      clientKey ?? (stored && sameCertificate(stored, provider) ? kept?.clientKey : undefined),
  }
}
