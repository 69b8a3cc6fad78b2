/** `POST /token/init`: a token is enrolled, or enrolled anew. */
import type { Account, Token } from '../../core/account.ts'
import type { EnrolRefusal } from '../../core/enrol-token.ts'
import { offersRegistration } from '../../core/factors.ts'
import { DISPUTED, isDisputed } from '../../core/registration/former-addresses.ts'
import type { Settings } from '../../core/settings.ts'
import { enrolAndTell } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import {
  holderOf,
  readMailbox,
  readMomentOf,
  readSerial,
  rulesFor,
  type TokenType,
} from '../enrolment.ts'
import { MissingParameterError, type Parameters } from '../parameters.ts'
import { NOBODY, readEnrolment } from '../read-enrolment.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type AdminCall, type AdminHandler, sharedRoute, valueReply } from './admin-route.ts'
import { forbidden, otherType, revokedToken, unusable } from './refused.ts'
import { namedUser } from './token-subject.ts'
import { askForCode, refuseUnverified, verifyToken } from './token-verify.ts'

const init: AdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  const serial = readSerial(parameters)
  if (serial !== undefined && parameters.has('verify')) return verifyToken(ports, call)
  const asked = (parameters.named('type') ?? 'hotp').toLowerCase()
  const right = `enroll${asked.toUpperCase()}`
  const owner = (await namedUser(ports, call)) ?? (await holderOf(ports, serial))
  caller.require(right, owner)
  const type = await offeredType(ports, asked, serial)
  await refuseUnverified(ports, serial)
  const { verifyEnrollment } = rulesFor(ports, call, owner ?? NOBODY)
  const address = () => readAddress(ports, call, owner ?? NOBODY)
  const told = await readEnrolment(ports, call, { owner, serial, type, right, address })
  const isOwner = caller.account !== undefined
  const enrolment = {
    ...told,
    ...readNotes(parameters),
    verify: verifyEnrollment.value.includes(type),
    forbid: (account: Account, old: Token | undefined) =>
      registrationOff(type, caller.settings, isOwner) ??
      (isOwner && isDisputed(account) ? DISPUTED : undefined) ??
      told.forbid(account, old),
  }
  const result = await enrolAndTell(ports, enrolment, actingCaller(call.request, { isOwner }))
  if (!result.enrolled) throw notEnrolled(result, serial, type)
  const { token, account } = result
  call.request.target = { login: account.login, realm: account.realm, serials: [token.serial] }
  const detail = { serial: token.serial, rollout_state: token.rollout }
  if (token.rollout === 'enrolled') return valueReply(true, frame, detail)
  const verify = await askForCode(ports, call, account, token.serial)
  return valueReply(true, frame, { ...detail, verify })
}

/** Administrators may enrol whatever people may register. */
const registrationOff = (type: TokenType, settings: Settings, isUser: boolean) =>
  type === 'email' && isUser && !offersRegistration(settings)
    ? 'Registration of e-mail addresses is switched off.'
    : undefined

/** Refuses a type that is not offered, and first of all one that the token of the serial is not. */
async function offeredType(
  ports: AdminPorts,
  asked: string,
  serial: string | undefined,
): Promise<TokenType> {
  if (asked === 'email' || asked === 'spass') return asked
  const old = (await holderOf(ports, serial))?.tokens[serial!]
  if (old) throw otherType(serial!, old.type ?? 'email', asked.slice(0, 32))
  throw unusable(`type is ${asked.slice(0, 32)}; email and spass are accepted.`)
}

/** The address to store, or that it is to be read from the user at send time. */
async function readAddress(
  ports: AdminPorts,
  { parameters, request, caller }: AdminCall,
  account: Account,
): Promise<{ email: string } | { dynamic: true }> {
  if (parameters.truthy('dynamic_email')) return { dynamic: true }
  const isOwner = caller.account !== undefined
  return { email: await readMailbox(ports, parameters, 'email', { account, request, isOwner }) }
}

function readNotes(parameters: Parameters) {
  const notes = parameters
    .names()
    .filter((name) => /^email\.[a-z0-9_.-]{1,58}$/i.test(name) && name !== 'email.identifier')
    .map((name) => [name, parameters.scalar(name) ?? ''] as const)
  return {
    identifier: parameters.named('email.identifier'),
    validFrom: readMomentOf(parameters, 'validity_period_start'),
    validUntil: readMomentOf(parameters, 'validity_period_end'),
    ...(notes.length > 0 ? { info: Object.fromEntries(notes) } : {}),
  }
}

function notEnrolled(
  { reason, message = '' }: EnrolRefusal,
  serial: string | undefined,
  type: TokenType,
): Error {
  switch (reason) {
    case 'forbidden':
      return forbidden(message)
    case 'other_type':
      return otherType(serial!, type === 'email' ? 'spass' : 'email', type)
    case 'revoked':
      return revokedToken()
    case 'no_address':
      return new MissingParameterError('email')
    case 'too_many':
      return unusable('user has too many tokens; delete one first.')
    case 'bad_serial':
      return unusable('serial is a reserved word; choose another one.')
    case 'serial_of_other':
      return unusable('serial belongs to another user; choose another one.')
  }
}

export const TOKEN_INIT_ROUTES = [sharedRoute('POST', '/token/init', init)]
