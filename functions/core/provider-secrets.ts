/** Which secrets a provider keeps when it is changed. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { SettingChange } from './edit-settings.ts'
import { secretNames, storedProvider } from './flat-provider.ts'
import { MASK } from './masked.ts'
import { type Provider, sameCertificate, sameLogin } from './provider.ts'
import type { ProviderChange, StoredState } from './providers.ts'
import type { Problem } from './settings-problems.ts'

type Kept = { changes: SettingChange[] } | { problem: Problem }

/**
 * The changes of a provider's secrets; of the empty name: those of the settings. One that is not given stays only where it was given for: the
 * password at the same login, the private key with the same certificate. A secret that no provider
 * has any use for goes, so that nobody can point a later provider of that name at it.
 */
export function keptSecrets(change: ProviderChange, state: StoredState): Kept {
  const password = passwordChange(change, state)
  if ('problem' in password) return password
  const clientKey = clientKeyChange(change, state)
  if ('problem' in clientKey) return clientKey
  return { changes: [...password.changes, ...clientKey.changes] }
}

function passwordChange(change: ProviderChange, { settings, isSet }: StoredState): Kept {
  const { name, provider } = change
  const given = givenSecret(change.password)
  const needed = provider.kind === 'smtp' && provider.username !== ''
  const [secret] = secretNames(name)
  if (given) return { changes: [{ name: secret, value: given }] }
  const stored = storedProvider(settings, name)
  const known = isSet(secret) && stored !== undefined
  if (!needed || given === '' || !known) return dropped(secret, isSet)
  if (sameLogin(stored, provider)) return { changes: [] }
  if (provider.kind === 'smtp' && provider.anonymous) return dropped(secret, isSet)
  return missing('password', 'it must be given again for another server or user')
}

function clientKeyChange(change: ProviderChange, { settings, isSet }: StoredState): Kept {
  const { name, provider } = change
  const given = givenSecret(change.clientKey)
  const certificate = certificateOf(provider)
  const [, secret] = secretNames(name)
  if (given) {
    const refused = keyRefusal(given, certificate)
    return refused ? { problem: refused } : { changes: [{ name: secret, value: given }] }
  }
  const stored = storedProvider(settings, name)
  const known = isSet(secret) && stored !== undefined
  if (certificate === '' || given === '' || !known) return dropped(secret, isSet)
  if (sameCertificate(stored, provider)) return { changes: [] }
  return missing('client_key', 'it must be given again with another client_certificate')
}

/** Undefined: as it is. */
const givenSecret = (value: string | undefined) => (value === MASK ? undefined : value)

const dropped = (secret: string, isSet: StoredState['isSet']): Kept => ({
  changes: isSet(secret) ? [{ name: secret }] : [],
})

const missing = (name: string, why: string): Kept => ({
  problem: {
    name,
    reason: `is missing; ${why}`,
    accepted: 'the secret, or the empty text to remove it',
    severity: 'error',
  },
})

const certificateOf = (provider: Provider) =>
  provider.kind === 'smtp' ? provider.clientCertificate : ''

function keyRefusal(pem: string, certificate: string): Problem | undefined {
  const why = faultOfKey(pem, certificate)
  const accepted = 'an unencrypted private key in PEM that belongs to client_certificate'
  return why === undefined
    ? undefined
    : { name: 'client_key', reason: why, accepted, severity: 'error' }
}

function faultOfKey(pem: string, certificate: string): string | undefined {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    return 'is not a private key in PEM that can be read without a password'
  }
  if (certificate === '') return 'is given without a client_certificate'
  return new X509Certificate(certificate).checkPrivateKey(key)
    ? undefined
    : 'does not belong to client_certificate'
}
