import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { Mailer } from '../core/ports.ts'
import type { Provider } from '../core/provider.ts'
import type { Settings } from '../core/settings.ts'
import { passwordOf } from '../core/settings-schema.ts'
import type { SecretName } from '../core/settings-schema.ts'
import { sesMailer } from './ses-mailer.ts'
import { smtpMailer } from './smtp-mailer.ts'
import type { SecretReader } from './ssm-parameters.ts'

export type MailerOptions = {
  ses: SESv2Client
  /** Publishes bounces and complaints. @default none */
  configurationSet?: string
  secret: SecretReader
}

/**
 * The mailer for a token, with the secrets it needs: the mail server the token names, else the one
 * of `email.identifier`, else what `mail.provider` says.
 */
export function chosenMailer({ ses, configurationSet, secret }: MailerOptions) {
  const passwordFor = storedPassword(secret)
  const secretOf = (settings: Settings, name: SecretName) => {
    const version = settings[name]
    return version === undefined ? undefined : secret(name, version)
  }
  return async (settings: Settings, identifier?: string): Promise<Mailer> => {
    const name = identifier ?? settings['email.identifier']
    if (name !== '') {
      const provider = settings.providers.get(name)
      return provider ? providerMailer(provider, await passwordFor(settings, name)) : NOBODY
    }
    if (settings['mail.provider'] === 'ses') return sesMailer({ client: ses, configurationSet })
    return smtpMailer({
      host: settings['email.mailserver'],
      port: settings['email.port'],
      security: settings['email.tls'],
      user: settings['email.username'],
      password: await secretOf(settings, 'email.password'),
      clientCertificate: settings['email.client_certificate'],
      clientKey: await secretOf(settings, 'email.client_key'),
      ca: settings['email.ca'],
      timeoutMs: settings['email.timeout'] * 1000,
    })
  }
}

const NOBODY: Mailer = {
  send: async () => ({
    sent: false,
    failure: 'configuration',
    reply: 'There is no mail server of that name.',
  }),
}

/** Sends by one mail server; its sender, if it has one, is that of every mail. */
export function providerMailer(provider: Provider, password: string | undefined): Mailer {
  const { server, port, tls, username, sender, timeout } = provider
  const mailer = smtpMailer({
    host: server,
    port,
    security: tls,
    user: username,
    password,
    timeoutMs: timeout * 1000,
  })
  return { send: (mail) => mailer.send(sender === '' ? mail : { ...mail, from: sender }) }
}

/** Reads the password of a provider that is stored. */
export const storedPassword =
  (secret: SecretReader) =>
  async (settings: Settings, name: string): Promise<string | undefined> => {
    const version = settings.providers.get(name)?.password
    return version === undefined ? undefined : secret(passwordOf(name), version)
  }
