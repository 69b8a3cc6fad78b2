import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { NamedProvider } from '../core/choose-providers.ts'
import type { Mailer } from '../core/ports.ts'
import type { Provider, ProviderSecrets } from '../core/provider.ts'
import type { Settings } from '../core/settings.ts'
import { secretNames } from '../core/flat-provider.ts'
import type { SecretReader } from './secret-reader.ts'
import { sesMailer } from './ses-mailer.ts'
import { smtpMailer } from './smtp-mailer.ts'

export type SesOptions = {
  ses: SESv2Client
  /** Publishes bounces and complaints. @default none */
  configurationSet?: string | undefined
  /** See `sesMailer`. */
  sealKey?: (() => Promise<Uint8Array>) | undefined
}

/** Makes the mailer of a provider, whether or not it is stored. Sender and subject are the mail's. */
export const providerMailer =
  ({ ses: client, ...options }: SesOptions) =>
  (provider: Provider, secrets: ProviderSecrets): Mailer => {
    const timeoutMs = provider.timeout * 1000
    if (provider.kind === 'ses') return sesMailer({ client, ...options, timeoutMs })
    return smtpMailer({
      host: provider.server,
      port: provider.port,
      security: provider.tls,
      user: provider.anonymous ? '' : provider.username,
      clientCertificate: provider.clientCertificate,
      ca: provider.ca,
      ...secrets,
      timeoutMs,
    })
  }

/** Reads the secrets of a provider that is stored; without a name, those of the settings. */
export const storedSecrets =
  (secret: SecretReader) =>
  async (settings: Settings, name: string): Promise<ProviderSecrets> => {
    const [password, clientKey] = secretNames(name)
    return {
      password: await secret(settings, password),
      clientKey: await secret(settings, clientKey),
    }
  }

/**
 * The mailer of a provider of the settings with the secrets it needs; without a provider, that of
 * `mail.provider` and the settings without a name.
 */
export function chosenMailer(options: SesOptions & { secret: SecretReader }) {
  const { ses: client, secret, configurationSet, sealKey } = options
  const mailerOf = providerMailer(options)
  const secretsOf = storedSecrets(secret)
  return async (settings: Settings, provider?: NamedProvider): Promise<Mailer> => {
    if (provider) return mailerOf(provider, await secretsOf(settings, provider.name))
    const timeoutMs = settings['email.timeout'] * 1000
    if (settings['mail.provider'] === 'ses') {
      return sesMailer({ client, configurationSet, sealKey, timeoutMs })
    }
    return smtpMailer({
      host: settings['email.mailserver'],
      port: settings['email.port'],
      security: settings['email.tls'],
      user: settings['email.authentication_required'] ? settings['email.username'] : '',
      password: await secret(settings, 'email.password'),
      clientCertificate: settings['email.client_certificate'],
      clientKey: await secret(settings, 'email.client_key'),
      ca: settings['email.ca'],
      timeoutMs,
    })
  }
}
