import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { NamedProvider } from '../core/choose-providers.ts'
import type { Mailer } from '../core/ports.ts'
import type { Provider, ProviderSecrets } from '../core/provider.ts'
import type { Settings } from '../core/settings.ts'
import { clientKeyOf, passwordOf } from '../core/settings-schema.ts'
import type { SecretReader } from './secret-reader.ts'
import { sesMailer } from './ses-mailer.ts'
import { smtpMailer } from './smtp-mailer.ts'

export type SesOptions = {
  ses: SESv2Client
  /** Publishes bounces and complaints. @default none */
  configurationSet?: string | undefined
}

/** Makes the mailer of a provider, whether or not it is stored. Sender and subject are the mail's. */
export const providerMailer =
  ({ ses, configurationSet }: SesOptions) =>
  (provider: Provider, secrets: ProviderSecrets): Mailer => {
    const timeoutMs = provider.timeout * 1000
    if (provider.kind === 'ses') return sesMailer({ client: ses, configurationSet, timeoutMs })
    return smtpMailer({
      host: provider.server,
      port: provider.port,
      security: provider.tls,
      user: provider.username,
      clientCertificate: provider.clientCertificate,
      ca: provider.ca,
      ...secrets,
      timeoutMs,
    })
  }

/** Reads the secrets of a provider that is stored. */
export const storedSecrets =
  (secret: SecretReader) =>
  async (settings: Settings, name: string): Promise<ProviderSecrets> => {
    const { password, clientKey } = settings.providers.get(name) ?? {}
    const read = async (secretName: string, version: number | undefined) =>
      version === undefined ? undefined : secret(secretName, version)
    return {
      password: await read(passwordOf(name), password),
      clientKey: await read(clientKeyOf(name), clientKey),
    }
  }

/**
 * The mailer of a provider of the settings with the secrets it needs; without a provider, that of
 * `mail.provider` and the settings without a name.
 */
export function chosenMailer(options: SesOptions & { secret: SecretReader }) {
  const { ses, configurationSet, secret } = options
  const mailerOf = providerMailer(options)
  const secretsOf = storedSecrets(secret)
  return async (settings: Settings, provider?: NamedProvider): Promise<Mailer> => {
    if (provider) return mailerOf(provider, await secretsOf(settings, provider.name))
    const timeoutMs = settings['email.timeout'] * 1000
    if (settings['mail.provider'] === 'ses') {
      return sesMailer({ client: ses, configurationSet, timeoutMs })
    }
    const read = async (name: 'email.password' | 'email.client_key') => {
      const version = settings[name]
      return version === undefined ? undefined : secret(name, version)
    }
    return smtpMailer({
      host: settings['email.mailserver'],
      port: settings['email.port'],
      security: settings['email.tls'],
      user: settings['email.username'],
      password: await read('email.password'),
      clientCertificate: settings['email.client_certificate'],
      clientKey: await read('email.client_key'),
      ca: settings['email.ca'],
      timeoutMs,
    })
  }
}
