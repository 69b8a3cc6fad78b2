import { clientKeyOf, passwordOf, PROVIDERS } from '../../../functions/core/settings-schema.ts'
import type { ProviderResult } from '../../../functions/core/providers.ts'
import type { Result } from '../command.ts'
import { problemsOf } from '../config-review.ts'
import { CommandFailure } from '../errors.ts'
import type { Target } from '../target.ts'
import { sentence } from './config-change.ts'

/** What came of a change of a provider. Throws CommandFailure where nothing was changed. */
export async function inForce(
  result: ProviderResult,
  target: Target,
  name: string,
  says: string,
): Promise<Result> {
  switch (result.outcome) {
    case 'unknown':
      throw unknownProvider(result.name)
    case 'in use': {
      const by = result.by.join(', ')
      const message = `Nothing was changed: the provider ${name} is used by ${by}.`
      throw new CommandFailure(message, { code: 'conflict', parameter: 'name' })
    }
    case 'refused': {
      const { problems } = result
      const message = ['Refused, and nothing was changed:', ...problems.map(sentence)].join('\n')
      const details = { code: 'invalid_argument', parameter: problems[0]!.name }
      throw new CommandFailure(message, { ...details, details: { problems } })
    }
    case 'waiting':
      return {
        value: { name, in_force: false, problems: result.problems },
        text: lines([says, 'It waits until these are mended:', ...result.problems.map(sentence)]),
        failed: true,
      }
    case 'in_force':
      return {
        value: { name, in_force: true, default: result.isDefault },
        text: lines([
          says,
          ...(result.isDefault ? ['It is the default.'] : []),
          ...(await warnings(target, name)),
        ]),
      }
  }
}

const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('')

/** What should be known about that provider. */
async function warnings(target: Target, name: string): Promise<string[]> {
  const own = [PROVIDERS + name, passwordOf(name), clientKeyOf(name)]
  const problems = problemsOf(await target.parameters.list())
  return problems.filter((problem) => own.includes(problem.name)).map(sentence)
}

export const unknownProvider = (name: string) =>
  new CommandFailure(`There is no provider ${name}: see otpost provider list.`, {
    code: 'not_found',
    parameter: 'name',
  })
