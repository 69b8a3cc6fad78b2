/** `POST /token/init`: a token is enrolled, or enrolled anew. */
import { type Account, newAccount, type Token } from '../../core/account.ts'
import { type EnrolRefusal, enrolToken } from '../../core/enrol-token.ts'
import { readMoment } from '../../core/token-info.ts'
import { isMailbox } from '../../mail/mailbox.ts'
import { MalformedRequestError } from '../errors.ts'
import { MissingParameterError, type Parameters } from '../parameters.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type AdminCall, type AdminHandler, sharedRoute, valueReply } from './admin-route.ts'
import { forbidden, otherType, revokedToken, unusable } from './refused.ts'
import { oneMore, rulesFor } from './token-limits.ts'
import { namedUser } from './token-subject.ts'
import { askForCode, refuseUnverified, verifyToken } from './token-verify.ts'

const SERIAL = /^[0-9a-zA-Z_-]{1,40}$/
const ALGORITHMS = ['sha1', 'sha256', 'sha512'] as const

type TokenType = NonNullable<Token['type']>

/** Who owns a token that is given to nobody yet. */
const NOBODY = newAccount('', '')

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
  const rules = rulesFor(ports, call, owner ?? NOBODY)
  const pin = parameters.text('pin')
  if (type === 'spass' && !pin) throw new MissingParameterError('pin')
  const result = await enrolToken(ports, {
    account: owner,
    serial,
    type,
    pin,
    verify: rules.verifyEnrollment.value.includes(type),
    changePin: Boolean(pin && rules.changePinOnFirstUse.value && !caller.account),
    ...(type === 'email' ? readAddress(parameters) : {}),
    secret: readSecret(parameters),
    digits: parameters.integer('otplen', 6, 10),
    algorithm: readAlgorithm(parameters),
    description: parameters.text('description'),
    ...readNotes(parameters),
    forbid: (account, old) =>
      (owner || old ? caller.refusal(right, account) : undefined) ??
      (old && !pin ? undefined : caller.pinRefusal(pin ?? '', account)) ??
      (old ? undefined : forbiddenByPolicy(ports, call, account, type)),
  })
  if (!result.enrolled) throw notEnrolled(result, serial, type)
  const { token, account } = result
  call.request.target = { login: account.login, realm: account.realm, serials: [token.serial] }
  const detail = { serial: token.serial, rollout_state: token.rollout }
  if (token.rollout === 'enrolled') return valueReply(true, frame, detail)
  const verify = await askForCode(ports, call, account, token.serial)
  return valueReply(true, frame, { ...detail, verify })
}

function readSerial(parameters: Parameters): string | undefined {
  const serial = parameters.named('serial')
  if (serial === undefined || SERIAL.test(serial)) return serial
  throw new MalformedRequestError(
    'Invalid serial number. Must comply to ^[0-9a-zA-Z\\-_]+$.',
    'serial',
  )
}

/** The account that has the token already, be it a user's or nobody's. */
async function holderOf({ accounts }: AdminPorts, serial: string | undefined) {
  const key = serial === undefined ? undefined : await accounts.findSerial(serial)
  return key === undefined ? undefined : accounts.get(key)
}

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
function readAddress(parameters: Parameters): { email: string } | { dynamic: true } {
  if (parameters.truthy('dynamic_email')) return { dynamic: true }
  const address = parameters.required('email')
  if (isMailbox(address)) return { email: address }
  throw new MalformedRequestError('email is not one e-mail address like name@example.org.', 'email')
}

function readSecret(parameters: Parameters): Buffer | undefined {
  const hex = parameters.named('otpkey')
  if (hex === undefined || parameters.flag('genkey')) return undefined
  if (/^(?:[0-9a-f]{2}){16,64}$/i.test(hex)) return Buffer.from(hex, 'hex')
  throw new MalformedRequestError('otpkey is not 16 to 64 bytes in hexadecimal.', 'otpkey')
}

function readAlgorithm(parameters: Parameters) {
  const name = parameters.named('hashlib')
  const algorithm = ALGORITHMS.find((one) => one === name)
  if (name === undefined || algorithm) return algorithm
  throw new MalformedRequestError(`hashlib is not one of ${ALGORITHMS.join(', ')}.`, 'hashlib')
}

function readNotes(parameters: Parameters) {
  const notes = parameters
    .names()
    .filter((name) => /^email\.[a-z0-9_.-]{1,58}$/i.test(name) && name !== 'email.identifier')
    .map((name) => [name, parameters.scalar(name) ?? ''] as const)
  return {
    identifier: parameters.named('email.identifier'),
    validFrom: momentOf(parameters, 'validity_period_start'),
    validUntil: momentOf(parameters, 'validity_period_end'),
    ...(notes.length > 0 ? { info: Object.fromEntries(notes) } : {}),
  }
}

function momentOf(parameters: Parameters, name: string): number | undefined {
  const text = parameters.named(name)
  if (text === undefined) return undefined
  const moment = readMoment(text)
  if (moment !== undefined) return moment
  throw new MalformedRequestError(`${name} is not a moment like 2026-01-31T08:00+0000.`, name)
}

function forbiddenByPolicy(
  ports: AdminPorts,
  call: AdminCall,
  owner: Account,
  type: TokenType,
): string | undefined {
  const { requireDescription } = rulesFor(ports, call, owner)
  if (requireDescription.value.includes(type) && !call.parameters.named('description')) {
    return `Description required for ${type} token.`
  }
  return oneMore(ports, call, owner)
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
