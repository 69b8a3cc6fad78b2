/** `config set` and `config unset`: checked first, then written, then published. */
import { isSecret } from '../../../functions/core/settings-schema.ts'
import type { Problem } from '../../../functions/core/settings.ts'
import { nearestName } from '../../../functions/core/nearest-name.ts'
import type { Command, Invocation, Result } from '../command.ts'
import { type Change, isKnown, reviewChanges } from '../config-review.ts'
import { LOCAL_STAGE } from '../connect.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { wholeText } from '../secrets.ts'
import type { Target } from '../target.ts'

export const set: Command = {
  path: ['config', 'set'],
  about: 'Sets a parameter, or several at once, after checking them with the service’s own schema.',
  operands: [{ name: 'name' }, { name: 'value', optional: true, many: true }],
  options: {
    'value-stdin': { about: 'read the value from standard input: secrets, texts, certificates' },
  },
  notes:
    'Parameters that need each other are set together: config set <name>=<value> <name>=<value>.\n' +
    'A secret without a value is asked for; secrets are stored as SecureStrings.',
  examples: [
    'npx otpost config set email.validtime 300 --stage prod',
    'npx otpost config set mail.provider=smtp email.mailserver=smtp.example.org email.tls=starttls',
    'npx otpost config set email.username=otpost email.password --stage prod',
    'npx otpost config set email.text --value-stdin < mail.txt',
  ],
  async run(invocation) {
    const target = await invocation.target()
    return apply(target, await changesOf(invocation))
  },
}

export const unset: Command = {
  path: ['config', 'unset'],
  about: 'Takes parameters back to their defaults.',
  operands: [{ name: 'name', many: true }],
  examples: [
    'npx otpost config unset email.validtime --stage prod',
    'npx otpost config unset email.username email.password --stage prod',
  ],
  async run({ operands, target }) {
    return apply(
      await target(),
      operands.map((name) => ({ name })),
    )
  },
}

/** `<name> <value>`, or any number of `<name>=<value>` and secrets to be asked for. */
async function changesOf(invocation: Invocation): Promise<Change[]> {
  const [first = '', ...rest] = invocation.operands
  const assignments = [first, ...rest].some((operand) => operand.includes('=')) || rest.length > 1
  if (!first.includes('=') && rest.length === 1 && !isSecret(rest[0]!) && !assigns(rest[0]!)) {
    return [{ name: first, value: typed(invocation, first, rest[0]!) }]
  }
  if (!assignments) return [{ name: first, value: await readValue(invocation, first) }]
  const changes: Change[] = []
  for (const operand of invocation.operands) {
    const at = operand.indexOf('=')
    const name = at < 0 ? operand : operand.slice(0, at)
    const value = at < 0 ? await readValue(invocation, name) : operand.slice(at + 1)
    changes.push({ name, value: at < 0 ? value : typed(invocation, name, value) })
  }
  return changes
}
