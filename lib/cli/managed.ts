/** The password of a managed provider on the command line, and the operator's way around it. */
import { formatManaged } from '../../functions/core/managed-hash.ts'
import type { Guarded } from '../../functions/core/managed-provider.ts'
import type { Invocation, Option } from './command.ts'
import { UsageError } from './errors.ts'
import { optionalSecret, optionalSecretOptions } from './secrets.ts'
import { call, type Target } from './target.ts'

/** Goes without the password: who holds the deployment's AWS credentials could edit its parameters. */
export const OVERRIDE_OPTION: Readonly<Record<string, Option>> = {
  'override-managed': { about: 'do so to a managed provider without its password' },
}

/** What opens a managed provider. */
export const MANAGED_OPTIONS: Readonly<Record<string, Option>> = {
  ...optionalSecretOptions('managed'),
  ...OVERRIDE_OPTION,
}

export const overrides = ({ options }: Invocation) => options['override-managed'] === true

/** The password that was given; undefined: none. */
export function givenManaged(invocation: Invocation): Promise<string | undefined> {
  const { options } = invocation
  if (options['managed-stdin'] && (options['password-stdin'] || options.config === '-')) {
    throw new UsageError('Standard input holds one thing: give the other one another way.')
  }
  return optionalSecret(invocation, 'managed')
}

/** Asks the service, which alone has the key that passwords are kept under. */
export const guarded = (target: Target, invocation?: Invocation): Guarded => ({
  providerGuard: {
    overrides: invocation !== undefined && overrides(invocation),
    async seal(password) {
      const { sealed } = await call<{ sealed: string }>(target, 'provider.seal', { password })
      return sealed
    },
    async opens(name, stored, password) {
      const args = { name, sealed: formatManaged(stored), password }
      return (await call<{ open: boolean }>(target, 'provider.open', args)).open
    },
  },
})

/** The same for a test, which the service makes. */
export async function managedArguments(invocation: Invocation) {
  const managed = await givenManaged(invocation)
  return {
    ...(managed === undefined ? {} : { managed }),
    ...(overrides(invocation) ? { override_managed: true } : {}),
  }
}
