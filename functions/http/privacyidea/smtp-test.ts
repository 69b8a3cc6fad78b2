import type { Sent } from '../../core/ports.ts'
import { type Provider, readProvider } from '../../core/provider.ts'
import { testProvider } from '../../core/providers.ts'
import { isMailbox } from '../../mail/mailbox.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import type { AdminPorts } from './admin-ports.ts'
import { MASK } from './masked.ts'
import { unknownName, unusable } from './refused.ts'

/**
 * The mail server that parameters describe; `names` gives the parameter of each member, `others` are
 * members that no parameter has.
 */
export function readServer(
  parameters: Parameters,
  names: Readonly<Record<string, string>>,
  others: Readonly<Record<string, unknown>> = {},
): Provider {
  const given = Object.entries(names)
    .filter(([, name]) => parameters.has(name))
    .map(([member, name]) => [member, parameters.scalar(name)] as const)
  const reading = readProvider({ ...others, ...Object.fromEntries(given) })
  if ('value' in reading) return reading.value
  throw unusable(`The mail server ${reading.refused}.`)
}

export function readRecipient(parameters: Parameters, name: string): string {
  const address = parameters.required(name)
  if (isMailbox(address)) return address
  throw new MalformedRequestError(`${name} is not one e-mail address like name@example.org.`, name)
}

type Test = {
  identifier: string
  provider: Provider
  password: string | undefined
  to: string
  /** What opens a managed provider of that name. */
  managed?: string | undefined
}

/** A password that was not given, or is masked, is the stored one. */
export async function sendTest(
  ports: AdminPorts,
  { identifier: name, provider, password, to, managed }: Test,
): Promise<Sent> {
  const config = { provider, ...(password === MASK ? {} : { password }) }
  const sent = await testProvider(ports, { name, config, to, managed })
  if (!('outcome' in sent)) return sent
  if (sent.outcome === 'unknown') throw unknownName('SMTP server', name)
  throw unusable(sent.problems.map((problem) => `${problem.name} ${problem.reason}.`).join(' '))
}
