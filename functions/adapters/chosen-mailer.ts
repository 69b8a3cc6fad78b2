import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { Mailer } from '../core/ports.ts'
import type { Settings } from '../core/settings.ts'
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

/** The mailer that the settings choose, with the secrets it needs. */
export function chosenMailer({ ses, configurationSet, secret }: MailerOptions) {
  const secretOf = (settings: Settings, name: SecretName) => {
    const version = settings[name]
    return version === undefined ? undefined : secret(name, version)
  }
  return async (settings: Settings): Promise<Mailer> => {
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
