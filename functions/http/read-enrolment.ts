/** A token that a request asks for, read and checked in the order both wires have. */
import { type Account, newAccount } from '../core/account.ts'
import type { Enrolment } from '../core/enrol-token.ts'
import type { Clock } from '../core/ports.ts'
import type { Acting } from './acting.ts'
import {
  newTokenRefusal,
  readAlgorithm,
  readDigits,
  readSecret,
  rulesFor,
  type TokenType,
} from './enrolment.ts'
import { MissingParameterError, type Parameters } from './parameters.ts'
import type { HttpRequest } from './request.ts'

/** Who owns a token that is given to nobody yet. */
export const NOBODY = newAccount('', '')

type Asked = {
  owner: Account | undefined
  serial: string | undefined
  type: TokenType
  /** The right it takes. */
  right: string
  /** Where its codes go, read at its turn. */
  address(): Promise<Pick<Enrolment, 'email' | 'dynamic'>>
}

/**
 * What to enrol. An administrator may name a PIN that its user has to change; what the caller may not
 * do, and what PIN or token the policies do not want, is refused on the very state that is written.
 */
export async function readEnrolment(
  ports: { now: Clock },
  call: { parameters: Parameters; caller: Acting; request: HttpRequest },
  { owner, serial, type, right, address }: Asked,
): Promise<Enrolment & Required<Pick<Enrolment, 'forbid'>>> {
  const { parameters, caller } = call
  const pin = parameters.text('pin')
  const description = parameters.text('description')
  if (type === 'spass' && !pin) throw new MissingParameterError('pin')
  const secret = readSecret(parameters)
  const { changePinOnFirstUse } = rulesFor(ports, call, owner ?? NOBODY)
  return {
    ...{ account: owner, serial, type, pin, description },
    changePin: Boolean(pin && changePinOnFirstUse.value && !caller.account),
    ...(type === 'email' ? await address() : {}),
    // a user who chose it could make the codes without the mailbox they go to
    secret: caller.account ? undefined : secret,
    digits: readDigits(parameters),
    algorithm: readAlgorithm(parameters),
    forbid: (account, old) =>
      (owner || old ? caller.refusal(right, account) : undefined) ??
      (old && !pin ? undefined : caller.pinRefusal(pin ?? '', account)) ??
      (old ? undefined : newTokenRefusal(ports, call, account, { type, description })),
  }
}
