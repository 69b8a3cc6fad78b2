/** What requests say of a token that is to be enrolled, under the names both references have for it. */
import type { Account, Token } from '../core/account.ts'
import { resolverOf } from '../core/directory.ts'
import { enrollmentRefusal, enrollmentRules } from '../core/policy/enrollment-rules.ts'
import type { Clock, Ports } from '../core/ports.ts'
import type { LookUpPorts } from '../core/registration/counted-look-up.ts'
import { tokenCounts } from '../core/token-counts.ts'
import { readMoment } from '../core/token-info.ts'
import type { Acting } from './acting.ts'
import { MalformedRequestError } from './errors.ts'
import type { Parameters } from './parameters.ts'
import type { HttpRequest } from './request.ts'
import { type AddressOf, typedAddress } from './typed-address.ts'

export type TokenType = NonNullable<Token['type']>

const SERIAL = /^[0-9a-zA-Z_-]{1,40}$/
const ALGORITHMS = ['sha1', 'sha256', 'sha512'] as const

/** The serial, if one is given and can be one. */
export function readSerial(parameters: Parameters): string | undefined {
  const serial = parameters.named('serial')
  if (serial === undefined || SERIAL.test(serial)) return serial
  throw new MalformedRequestError(
    'Invalid serial number. Must comply to ^[0-9a-zA-Z\\-_]+$.',
    'serial',
  )
}

/** The account that has the token already, be it a user's or nobody's. */
export async function holderOf(
  { accounts }: Pick<Ports, 'accounts'>,
  serial: string | undefined,
): Promise<Account | undefined> {
  const key = serial === undefined ? undefined : await accounts.findSerial(serial)
  return key === undefined ? undefined : accounts.get(key)
}

/** One e-mail address that may be registered. */
export const readMailbox = (
  ports: LookUpPorts,
  parameters: Parameters,
  name: string,
  of: AddressOf,
): Promise<string> => typedAddress(ports, name, parameters.required(name), of)

/** The HOTP secret, unless it is to be made up. */
export function readSecret(parameters: Parameters): Buffer | undefined {
  const hex = parameters.named('otpkey')
  if (hex === undefined || parameters.flag('genkey')) return undefined
  if (/^(?:[0-9a-f]{2}){16,64}$/i.test(hex)) return Buffer.from(hex, 'hex')
  throw new MalformedRequestError('otpkey is not 16 to 64 bytes in hexadecimal.', 'otpkey')
}

export function readAlgorithm(parameters: Parameters): Token['algorithm'] | undefined {
  const name = parameters.named('hashlib')
  const algorithm = ALGORITHMS.find((one) => one === name)
  if (name === undefined || algorithm) return algorithm
  throw new MalformedRequestError(`hashlib is not one of ${ALGORITHMS.join(', ')}.`, 'hashlib')
}

/** Digits of a code. */
export const readDigits = (parameters: Parameters): number | undefined =>
  parameters.integer('otplen', 4, 12)

/** Unix time in milliseconds. */
export function readMomentOf(parameters: Parameters, name: string): number | undefined {
  const text = parameters.named(name)
  if (text === undefined) return undefined
  const moment = readMoment(text)
  if (moment !== undefined) return moment
  throw new MalformedRequestError(`${name} is not a moment like 2026-01-31T08:00+0000.`, name)
}

/** By whom and from where a token is enrolled. */
export type Enroller = { caller: Pick<Acting, 'settings'>; request: HttpRequest }

/** What the policies of enrolment say about a user. */
export function rulesFor({ now }: { now: Clock }, { caller, request }: Enroller, owner: Account) {
  return enrollmentRules(caller.settings.policies, {
    login: owner.login,
    realm: owner.realm,
    resolver: owner.login === undefined ? undefined : resolverOf(owner, caller.settings),
    client: request.clientIp,
    userAgent: request.headers['user-agent'],
    now: now(),
  })
}

/** Why the owner may not have one more e-mail token, or undefined. */
export function oneMore(
  ports: { now: Clock },
  enroller: Enroller,
  owner: Account,
): string | undefined {
  const rules = rulesFor(ports, enroller, owner)
  const [conflict] = rules.conflicts
  if (conflict) return `There are conflicting policies for ${conflict.action}.`
  if (owner.login === undefined) return undefined
  return enrollmentRefusal(rules, tokenCounts(owner))
}

/** Why policies do not allow this new token, or undefined. */
export function newTokenRefusal(
  ports: { now: Clock },
  enroller: Enroller,
  owner: Account,
  { type, description }: { type: TokenType; description?: string | undefined },
): string | undefined {
  const { requireDescription } = rulesFor(ports, enroller, owner)
  if (requireDescription.value.includes(type) && !description) {
    return `Description required for ${type} token.`
  }
  return oneMore(ports, enroller, owner)
}
