import type { Clock, Mailer, Sent } from './ports.ts'
import { type Provider, type ProviderSecrets, sameCertificate, sameLogin } from './provider.ts'
import type { Settings } from './settings.ts'

/**
 * A mail without a code, to try a provider whose settings need not be stored. `password` is the one
 * to log in with and `clientKey` that of the client certificate; without them, those of the stored
 * provider of this name, if it is the same login and the same certificate.
 */
export type TestMail = {
  identifier: string
  provider: Provider
  password?: string
  clientKey?: string
  to: string
}

export type TestMailPorts = {
  settings: { current(): Promise<Settings> }
  /** A mailer for a provider that no setting has yet. */
  providerMailer: (provider: Provider, secrets: ProviderSecrets) => Mailer
  /** The secrets of a stored provider. */
  storedSecrets: (settings: Settings, identifier: string) => Promise<ProviderSecrets>
  now: Clock
}

/** Sends it; how that went is a value. */
export async function sendTestMail(ports: TestMailPorts, request: TestMail): Promise<Sent> {
  const settings = await ports.settings.current()
  const { provider, to } = request
  const from = provider.sender || settings['email.mailfrom']
  if (!from) return { sent: false, failure: 'configuration', reply: 'There is no sender.' }
  return ports.providerMailer(provider, await secretsFor(ports, settings, request)).send({
    from,
    ...(provider.senderName === '' ? {} : { fromName: provider.senderName }),
    to,
    subject: 'Test e-mail from Otpost',
    text: 'The mail server took this test e-mail from Otpost. It carries no code.\r\n',
    date: new Date(ports.now()),
  })
}

/** Nobody may read a stored secret off a server of their own: it goes where it was stored for. */
async function secretsFor(
  { storedSecrets }: TestMailPorts,
  settings: Settings,
  { identifier, provider, password, clientKey }: TestMail,
): Promise<ProviderSecrets> {
  const stored = settings.providers.get(identifier)
  const kept = stored && (await storedSecrets(settings, identifier))
  return {
    password: password ?? (stored && sameLogin(stored, provider) ? kept?.password : undefined),
    clientKey:
      clientKey ?? (stored && sameCertificate(stored, provider) ? kept?.clientKey : undefined),
  }
}
