import type { ProviderConfig } from '../provider.ts'
import { readProviderObject } from '../provider.ts'
import { testProvider } from '../providers.ts'
import { providerName } from '../setting-kinds-net.ts'
import { type Field, readArguments } from './arguments.ts'
import { mailbox, optional, text } from './fields.ts'
import type { Command } from './ports.ts'
import { done, refused } from './reply.ts'

const config: Field<ProviderConfig> = {
  accepted: "the members of a provider, ours or those of LinOTP's SMTPEmailProvider",
  read: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? readProviderObject(value as Record<string, unknown>)
      : { refused: 'is not an object' },
}

const ARGUMENTS = { name: text(providerName), to: mailbox, config: optional(config) }

/** Has a test mail sent by a stored provider, or by one that is described. */
export const testProviderCommand: Command = async (ports, args) => {
  const sent = await testProvider(ports, readArguments(args, ARGUMENTS))
  if ('outcome' in sent) return refused('not_found', `There is no provider ${sent.name}.`, 'name')
  return done(sent)
}
