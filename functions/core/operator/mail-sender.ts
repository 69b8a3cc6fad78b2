import { testMailSender } from '../mail-sender.ts'
import { text as textOf } from '../setting-kinds.ts'
import { type Field, readArguments } from './arguments.ts'
import { flag, mailbox, optional, pin as password, text } from './fields.ts'
import type { Command } from './ports.ts'
import { overridden, refusedFor } from './providers.ts'
import { done } from './reply.ts'

const members: Field<Record<string, unknown>> = {
  accepted: 'an object of members of the mail sender',
  read: (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { value: value as Record<string, unknown> }
      : { refused: 'is not an object' },
}

const ARGUMENTS = {
  to: mailbox,
  text: optional(text(textOf(2000))),
  settings: optional(members),
  managed: optional(password),
  override_managed: optional(flag),
}

/** Has a test mail sent by the mail sender, as it is or as it would be with these settings. */
export const testMailSenderCommand: Command = async (ports, args) => {
  const { settings = {}, override_managed: overrides, ...mail } = readArguments(args, ARGUMENTS)
  const { password, ...others } = settings
  const sent = await testMailSender(overridden(ports, overrides), {
    ...{ ...mail, members: others },
    ...(typeof password === 'string' ? { password } : {}),
  })
  return 'outcome' in sent ? refusedFor(sent.problems) : done(sent)
}
