import { testMailSender } from '../mail-sender.ts'
import { text as textOf } from '../setting-kinds.ts'
import { type Field, readArguments } from './arguments.ts'
import { mailbox, optional, text } from './fields.ts'
import type { Command } from './ports.ts'
import { done, refused } from './reply.ts'

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
}

/** Has a test mail sent by the mail sender, as it is or as it would be with these settings. */
export const testMailSenderCommand: Command = async (ports, args) => {
  const { settings = {}, ...mail } = readArguments(args, ARGUMENTS)
  const { password, ...others } = settings
  const sent = await testMailSender(ports, {
    ...{ ...mail, members: others },
    ...(typeof password === 'string' ? { password } : {}),
  })
  if (!('outcome' in sent)) return done(sent)
  const [{ name, reason } = { name: 'settings', reason: 'cannot be used' }] = sent.problems
  return refused('invalid_argument', `${name} ${reason}.`, name)
}
