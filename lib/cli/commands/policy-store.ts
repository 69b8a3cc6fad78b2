/** Policies among the parameters: how commands find and change them. */
import { oversize } from '../../../functions/core/edit-settings.ts'
import { type Policy } from '../../../functions/core/policy/policy.ts'
import {
  formatPolicy,
  parsePolicy,
  storedName,
} from '../../../functions/core/policy/stored-policy.ts'
import type { ParameterTree } from '../../../functions/core/publish-settings.ts'
import { POLICIES } from '../../../functions/core/settings-schema.ts'
import type { Result } from '../command.ts'
import type { Change } from '../config-review.ts'
import { CommandFailure } from '../errors.ts'
import type { Target } from '../target.ts'
import { apply, refusal } from './config-change.ts'

export const parameterOf = (policy: string) => POLICIES + storedName(policy)

/** The policies that can be read, by name; `otpost policy check` tells of the others. */
export function policiesIn({ values }: ParameterTree): Policy[] {
  const stored = Object.entries(values).filter(([name]) => name.startsWith(POLICIES))
  const parsed = stored.map(([name, json]) => parsePolicy(name.slice(POLICIES.length), json))
  const policies = parsed.flatMap((one) => ('policy' in one ? [one.policy] : []))
  return policies.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Throws CommandFailure where there is none that can be read. */
export function policyNamed(tree: ParameterTree, name: string): Policy {
  const policies = policiesIn(tree)
  const found = policies.find((policy) => policy.name === name)
  if (found) return found
  const known = policies.length === 0 ? 'none' : policies.map((policy) => policy.name).join(', ')
  const broken = Object.hasOwn(tree.values, parameterOf(name))
  const message = broken
    ? `The policy ${name} cannot be used: otpost policy check says why.`
    : `There is no policy ${name}. There is: ${known}.`
  throw new CommandFailure(message, { code: 'not_found', parameter: 'name' })
}

export const changeTo = (policy: Policy): Change => ({
  name: parameterOf(policy.name),
  value: formatPolicy(policy),
})

/** Makes changes together or, if a write fails in between, none of them. */
export async function applyTogether(target: Target, changes: Change[]): Promise<Result> {
  const tooLong = changes.flatMap(oversize)
  if (tooLong.length > 0) throw refusal(tooLong)
  const before = await target.parameters.list()
  try {
    return await apply(target, changes)
  } catch (error) {
    await restore(target, before, changes)
    throw error
  }
}

async function restore(target: Target, before: ParameterTree, changes: readonly Change[]) {
  const now = await target.parameters.list()
  for (const { name } of changes) {
    const [was, is] = [before.values[name], now.values[name]]
    if (was === is) continue
    if (was === undefined) await target.parameters.remove(name)
    else await target.parameters.put(name, was, false)
  }
}
