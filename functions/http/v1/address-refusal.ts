/** Why no code goes to a new address, as a problem. */
import type { Requested } from '../../core/registration.ts'
import type { Reply } from '../reply.ts'
import { problem, type ProblemCode } from './problem.ts'

export type AddressRefused = Extract<Requested, { requested: false }>

const REFUSED: Readonly<
  Record<Exclude<AddressRefused['reason'], 'bad_address' | 'unknown_user'>, ProblemCode>
> = {
  registration_off: 'registration_off',
  same_address: 'same_address',
  kept_elsewhere: 'kept_elsewhere',
  limited: 'too_many',
  mail_limit: 'too_many',
  guess_budget: 'too_many',
  disputed: 'disputed',
  mail_failed: 'not_sent',
}

/** The problem; `unknownUser` is what it is where the user is gone. */
export function addressRefusal(
  { reason, message, fault }: AddressRefused,
  unknownUser: ProblemCode,
): Reply {
  if (reason === 'bad_address') {
    return problem('malformed', { detail: message, parameter: 'address', reason: fault ?? reason })
  }
  const code = reason === 'unknown_user' ? unknownUser : REFUSED[reason]
  return problem(code, { detail: message, reason })
}
