/** `/linotp/admin/init`: a token is enrolled, or enrolled anew. */
import { newAccount } from '../../core/account.ts'
import { type EnrolRefusal, enrolToken } from '../../core/enrol-token.ts'
import { awaitsVerification } from '../../core/verify-enrolment.ts'
import {
  holderOf,
  newTokenRefusal,
  readAlgorithm,
  readDigits,
  readMailbox,
  readSecret,
  readSerial,
  rulesFor,
  type TokenType,
} from '../enrolment.ts'
import { MissingParameterError } from '../parameters.ts'
import { notAllowed } from './admin-caller.ts'
import { linotpAdmin, type LinotpAdminCall, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { namedUser, noteTarget } from './token-held.ts'

/** Who owns a token that is given to nobody yet. */
const NOBODY = newAccount('', '')

const init: LinotpAdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  const serial = readSerial(parameters)
  const holder = await holderOf(ports, serial)
  const type = offeredType(parameters.named('type') ?? 'hmac')
  const right = `enroll${type.toUpperCase()}`
  const owner = (await namedUser(ports, call, right)) ?? holder
  caller.require(right, owner)
  const rules = rulesFor(ports, call, owner ?? NOBODY)
  refuseUnproven(rules.verifyEnrollment.value.includes(type))
  refuseUnproven(Boolean(holder && serial && awaitsVerification(holder, serial, ports.now())))
  const pin = parameters.text('pin')
  const description = parameters.text('description')
  if (type === 'spass' && !pin) throw new MissingParameterError('pin')
  const result = await enrolToken(ports, {
    account: owner,
    serial,
    type,
    pin,
    changePin: Boolean(pin && rules.changePinOnFirstUse.value),
    ...(type === 'email' ? { email: readAddress(call) } : {}),
    secret: readSecret(parameters),
    digits: readDigits(parameters),
    algorithm: readAlgorithm(parameters),
    description,
    forbid: (account, old) =>
      (owner || old ? caller.refusal(right, account) : undefined) ??
      (old && !pin ? undefined : caller.pinRefusal(pin ?? '', account)) ??
      (old ? undefined : newTokenRefusal(ports, call, account, { type, description })),
  })
  if (!result.enrolled) throw notEnrolled(result, serial, type)
  const { token, account } = result
  noteTarget(call, [{ account, serial: token.serial }])
  return value(true, { detail: { serial: token.serial } }, frame)
}

function offeredType(asked: string): TokenType {
  const type = asked.toLowerCase()
  if (type === 'email' || type === 'spass') return type
  throw refusal(1610, `type is ${asked.slice(0, 32)}; email and spass are accepted.`)
}

/** LinOTP tells of its absence without a number. */
function readAddress({ parameters }: LinotpAdminCall): string {
  if (parameters.named('email_address') !== undefined) {
    return readMailbox(parameters, 'email_address')
  }
  throw refusal(-311, 'Missing parameter: email_address')
}

/** This wire has no way to say the code that proves an address. */
function refuseUnproven(unproven: boolean): void {
  if (!unproven) return
  throw notAllowed(
    'A policy asks for a code from the address of a new token first (verify_enrollment): enrol it ' +
      'by POST /token/init.',
  )
}

function notEnrolled(
  { reason, message = '' }: EnrolRefusal,
  serial: string | undefined,
  type: TokenType,
): Error {
  switch (reason) {
    case 'forbidden':
      return notAllowed(message)
    case 'other_type':
      return refusal(10, `serial ${serial} is of a token of another type than ${type}.`)
    case 'revoked':
      return refusal(905, `serial ${serial} is of a token that was revoked for good.`)
    case 'no_address':
      return refusal(-311, 'Missing parameter: email_address')
    case 'too_many':
      return refusal(905, 'user has too many tokens; remove one first.')
    case 'bad_serial':
      return refusal(905, 'serial is a reserved word; choose another one.')
    case 'serial_of_other':
      return refusal(905, 'serial belongs to another user; choose another one.')
  }
}

export const LINOTP_TOKEN_INIT_ROUTES = [linotpAdmin('POST', '/linotp/admin/init', init)]
