/** The mail sender while none has a name: the parameters `mail.provider` and `email.*` as a provider. */
import type { Provider } from './provider.ts'
import { clientKeyOf, passwordOf } from './settings-schema.ts'
import type { Settings } from './settings.ts'

/** That provider. Its template is none: only one with a name can have one. */
export function flatProvider(settings: Settings): Provider {
  const common = {
    ...{ sender: settings['email.mailfrom'], senderName: '', subject: settings['email.subject'] },
    ...{ template: '', timeout: settings['email.timeout'], description: '' },
  }
  if (settings['mail.provider'] === 'ses') return { kind: 'ses', ...common }
  return {
    ...{ kind: 'smtp', ...common },
    server: settings['email.mailserver'],
    port: settings['email.port'],
    tls: settings['email.tls'],
    username: settings['email.username'],
    ...(settings['email.authentication_required'] ? {} : { anonymous: true }),
    clientCertificate: settings['email.client_certificate'],
    ca: settings['email.ca'],
  }
}

/** The names of the password and of the key of a provider; of the empty name: those of the settings. */
export const secretNames = (name: string) =>
  name === ''
    ? (['email.password', 'email.client_key'] as const)
    : ([passwordOf(name), clientKeyOf(name)] as const)

/** A provider as it is stored, without its secrets; of the empty name: that of the settings. */
export function storedProvider(settings: Settings, name: string): Provider | undefined {
  if (name === '') return flatProvider(settings)
  const stored = settings.providers.get(name)
  if (!stored) return undefined
  const { password: _password, clientKey: _clientKey, ...provider } = stored
  return provider
}
