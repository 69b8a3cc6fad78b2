/** Why no code goes to a new address, as a problem. */
import type { Requested } from '../../core/registration.ts'
import type { Reply } from '../reply.ts'
import { problem, type ProblemCode } from './problem.ts'

/** Replies to who asks for a new address, besides those that are each operation's own. */
export const NEW_ADDRESS_REFUSED = {
  409: {
    description:
      'It is confirmed already, a change before was disputed, or a directory elsewhere has another one ' +
      '(`kept_elsewhere`).',
  },
  422: { description: 'The mail could not be sent.' },
}

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
