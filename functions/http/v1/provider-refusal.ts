import type { ProviderResult } from '../../core/providers.ts'
import type { Problem } from '../../core/settings.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Reply } from '../reply.ts'
import { problem } from './problem.ts'

/** Why a change of a provider was not made, or is not in force; undefined: it is. */
export function refusalOf(result: ProviderResult): Reply | undefined {
  switch (result.outcome) {
    case 'in_force':
      return undefined
    case 'unknown':
      return problem('not_found', { detail: `There is no provider ${result.name}.` })
    case 'in use':
      return problem('provider_in_use', { detail: `It is used by ${result.by.join(', ')}.` })
    case 'waiting':
      return problem('not_in_force', { detail: result.problems.map(sentence).join(' ') })
    case 'refused': {
      const detail = result.problems.map(sentence).join(' ')
      throw new MalformedRequestError(detail, result.problems[0]?.name)
    }
  }
}

const sentence = ({ name, reason, accepted }: Problem) =>
  `${name} ${reason}. Accepted: ${accepted}.`
