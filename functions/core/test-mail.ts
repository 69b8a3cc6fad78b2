import type { Clock, Mailer, Sent } from './ports.ts'
import { type Provider, sameLogin } from './provider.ts'
import type { Settings } from './settings.ts'

/**
 * A mail without a code, to try a mail server whose settings need not be stored. `password` is the
 * one to log in with; without it, that of the stored provider of this name, if it is the same server.
 */
export type TestMail = {
  identifier: string
  provider: Provider
  password?: string
  to: string
}

export type TestMailPorts = {
  settings: { current(): Promise<Settings> }
  /** A mailer for a server that no setting has yet. */
  providerMailer: (provider: Provider, password: string | undefined) => Mailer
  /** The password of a stored provider. */
  storedPassword: (settings: Settings, identifier: string) => Promise<string | undefined>
  now: Clock
}

/** Sends it; how that went is a value. */
export async function sendTestMail(ports: TestMailPorts, request: TestMail): Promise<Sent> {
  const settings = await ports.settings.current()
  const { provider, identifier, to } = request
  const from = provider.sender || settings['email.mailfrom']
  if (!from) return { sent: false, failure: 'configuration', reply: 'There is no sender.' }
  const stored = settings.providers.get(identifier)
  const known = stored !== undefined && sameLogin(stored, provider)
  const password =
    request.password ?? (known ? await ports.storedPassword(settings, identifier) : undefined)
  return ports.providerMailer(provider, password).send({
    from,
    to,
    subject: 'Test e-mail from Otpost',
    text: 'The mail server took this test e-mail from Otpost. It carries no code.\r\n',
    date: new Date(ports.now()),
  })
}
