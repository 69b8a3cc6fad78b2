import type { Guarded } from '../managed-provider.ts'
import type { ProviderConfig } from '../provider.ts'
import { readProviderObject } from '../provider.ts'
import { managedHash } from '../managed-hash.ts'
import { testProvider } from '../providers.ts'
import { providerName } from '../setting-kinds-net.ts'
import type { Problem } from '../settings-problems.ts'
import { type Field, readArguments } from './arguments.ts'
import { flag, mailbox, optional, pin as password, text } from './fields.ts'
import type { Command } from './ports.ts'
import { done, refused } from './reply.ts'

const config: Field<ProviderConfig> = {
  accepted: "the members of a provider, ours or those of LinOTP's SMTPEmailProvider",
  read: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? readProviderObject(value as Record<string, unknown>)
      : { refused: 'is not an object' },
}

const ARGUMENTS = {
  name: text(providerName),
  to: mailbox,
  config: optional(config),
  managed: optional(password),
  override_managed: optional(flag),
}

/** Has a test mail sent by a stored provider, or by one that is described. */
export const testProviderCommand: Command = async (ports, args) => {
  const { override_managed: overrides, ...test } = readArguments(args, ARGUMENTS)
  const sent = await testProvider(overridden(ports, overrides), test)
  if (!('outcome' in sent)) return done(sent)
  if (sent.outcome === 'refused') return refusedFor(sent.problems)
  return refused('not_found', `There is no provider ${sent.name}.`, 'name')
}

/** The same ports; on request without the passwords of managed providers. */
export const overridden = <P extends Guarded>(ports: P, overrides = false): P =>
  overrides ? { ...ports, providerGuard: { ...ports.providerGuard, overrides } } : ports

/** A refusal by the first of these problems. */
export function refusedFor([problem]: readonly Problem[]) {
  const { name, reason } = problem ?? { name: 'settings', reason: 'cannot be used' }
  return refused('invalid_argument', `${name} ${reason}.`, name)
}

const NEW_PASSWORD = { password }

/** What is to be stored of the password of a managed provider. */
export const sealManaged: Command = async (ports, args) => {
  const given = readArguments(args, NEW_PASSWORD)
  return done({ sealed: await ports.providerGuard.seal(given.password) })
}

const TRY = { name: text(providerName), sealed: text(managedHash), password }

/** Whether a password opens a managed provider, by what is stored of the right one. */
export const openManaged: Command = async (ports, args) => {
  const { name, sealed, password } = readArguments(args, TRY)
  return done({ open: await ports.providerGuard.opens(name, sealed, password) })
}
