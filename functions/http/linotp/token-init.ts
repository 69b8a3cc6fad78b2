/** `/linotp/admin/init`: a token is enrolled, or enrolled anew. */
import type { Account } from '../../core/account.ts'
import type { EnrolRefusal } from '../../core/enrol-token.ts'
import { enrolAndTell } from '../../core/told-changes.ts'
import { awaitsVerification } from '../../core/verify-enrolment.ts'
import { actingCaller } from '../callers.ts'
import { holderOf, readMailbox, readSerial, rulesFor, type TokenType } from '../enrolment.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { NOBODY, readEnrolment } from '../read-enrolment.ts'
import { notAllowed } from './admin-caller.ts'
import { linotpAdmin, type LinotpAdminCall, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { namedUser, noteTarget } from './token-held.ts'

const init: LinotpAdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  const serial = readSerial(parameters)
  const holder = await holderOf(ports, serial)
  const type = offeredType(parameters.named('type') ?? 'hmac')
  const right = `enroll${type.toUpperCase()}`
  const owner = (await namedUser(ports, call, right)) ?? holder
  caller.require(right, owner)
  const { verifyEnrollment } = rulesFor(ports, call, owner ?? NOBODY)
  refuseUnproven(verifyEnrollment.value.includes(type))
  refuseUnproven(Boolean(holder && serial && awaitsVerification(holder, serial, ports.now())))
  const address = () => readAddress(ports, call, owner ?? NOBODY)
  const asked = await readEnrolment(ports, call, { owner, serial, type, right, address })
  const result = await enrolAndTell(ports, asked, actingCaller(call.request))
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
async function readAddress(
  ports: AdminPorts,
  { parameters, request }: LinotpAdminCall,
  account: Account,
): Promise<{ email: string }> {
  if (parameters.named('email_address') !== undefined) {
    return { email: await readMailbox(ports, parameters, 'email_address', { account, request }) }
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
