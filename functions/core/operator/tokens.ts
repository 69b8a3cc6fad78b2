import type { Account } from '../account.ts'
import { UNKNOWN_CALLER } from '../caller.ts'
import type { EnrolRefusal } from '../enrol-token.ts'
import { deleteToken, resetFailures, revoke, setEnabled } from '../manage-tokens.ts'
import { enrolAndTell, setPinAndTell } from '../told-changes.ts'
import { InvalidArgumentError, readArguments } from './arguments.ts'
import {
  cursor,
  digits,
  flag,
  limit,
  login,
  mailbox,
  newPin,
  optional,
  pin,
  realm,
  serial,
  shortText,
} from './fields.ts'
import { assertAddress } from './new-address.ts'
import { readPage } from './page.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done, refused } from './reply.ts'
import { accountOf, holderOf, noSuchToken, noSuchUser, whoIs } from './subject.ts'
import { tokenView } from './views.ts'

/** Registers an e-mail token. Without `email` its codes go to the user's address of the day. */
export const enrol: Command = async (ports, args) => {
  const given = readArguments(args, {
    user: login,
    realm: optional(realm),
    serial: optional(serial),
    email: optional(mailbox),
    dynamic: optional(flag),
    pin: optional(pin),
    digits: optional(digits),
    description: optional(shortText),
  })
  const { user, realm: inRealm, dynamic, ...enrolment } = given
  if (dynamic && enrolment.email !== undefined) {
    const message = "dynamic takes the user's own address, so email cannot be given with it."
    throw new InvalidArgumentError('dynamic', message)
  }
  const who = await whoIs(ports, { user, realm: inRealm })
  const account = await accountOf(ports, who)
  if (!account) return noSuchUser(who)
  await assertAddress(ports, await ports.settings.current(), enrolment.email, account)
  const result = await enrolAndTell(ports, { account, ...enrolment }, UNKNOWN_CALLER)
  if (result.enrolled) return done(tokenView(result.account, result.token, ports.now()))
  if (result.reason === 'no_address') throw whyNotEnrolled(result.reason)
  const { parameter, message } = whyNotEnrolled(result.reason)
  return refused('conflict', message, parameter)
}

const NOT_ENROLLED: Record<EnrolRefusal['reason'], { parameter: string; message: string }> = {
  no_address: {
    parameter: 'email',
    message: 'email is missing, and the user has no address either.',
  },
  bad_serial: { parameter: 'serial', message: 'serial is a reserved word; choose another one.' },
  serial_of_other: { parameter: 'serial', message: 'This serial is a token of somebody else.' },
  too_many: { parameter: 'user', message: 'The user has too many tokens: delete one first.' },
  other_type: { parameter: 'serial', message: 'This serial is a token of another type.' },
  revoked: { parameter: 'serial', message: 'This token was revoked for good: enrol a new one.' },
  forbidden: { parameter: 'user', message: 'A policy forbids this token.' },
}

/** The words for a token that could not be enrolled. */
export function whyNotEnrolled(reason: EnrolRefusal['reason']): InvalidArgumentError {
  const { parameter, message } = NOT_ENROLLED[reason]
  return new InvalidArgumentError(parameter, message)
}

/** Tokens of a user, the one of a serial, or those of a realm or of everybody, in pages. */
export const listTokens: Command = async (ports, args) => {
  const given = readArguments(args, {
    user: optional(login),
    realm: optional(realm),
    serial: optional(serial),
    after: optional(cursor),
    limit: optional(limit),
  })
  if (given.serial !== undefined) return tokenOf(ports, given.serial)
  if (given.user !== undefined) return tokensOf(ports, { user: given.user, realm: given.realm })
  const page = await readPage(ports.accountScan, given, (account) =>
    given.realm === undefined || account.realm === given.realm ? viewsOf(account, ports.now()) : [],
  )
  return done({ tokens: page.items, next: page.next })
}

async function tokenOf(ports: OperatorPorts, serial: string) {
  const account = await holderOf(ports, serial)
  if (!account) return noSuchToken(serial)
  return done({ tokens: [tokenView(account, account.tokens[serial]!, ports.now())] })
}

async function tokensOf(ports: OperatorPorts, named: { user: string; realm?: string | undefined }) {
  const who = await whoIs(ports, named)
  const account = await accountOf(ports, who)
  return account ? done({ tokens: viewsOf(account, ports.now()) }) : noSuchUser(who)
}

const viewsOf = (account: Account, now: number) =>
  Object.values(account.tokens).map((token) => tokenView(account, token, now))

type Change = (ports: OperatorPorts, account: Account, serial: string) => Promise<boolean>

/** A command that changes the token of a serial and shows it afterwards. */
const changing =
  (change: Change): Command =>
  async (ports, args) => {
    const { serial: named } = readArguments(args, { serial })
    return changeOne(ports, named, change)
  }

async function changeOne(ports: OperatorPorts, serial: string, change: Change) {
  const before = await holderOf(ports, serial)
  if (!before) return noSuchToken(serial)
  const changed = await change(ports, before, serial)
  const after = await holderOf(ports, serial)
  if (!after) return noSuchToken(serial)
  return done({ ...tokenView(after, after.tokens[serial]!, ports.now()), changed })
}

/** Enables a token; a revoked one stays as it is. */
export const enable: Command = async (ports, args) => {
  const { serial: named } = readArguments(args, { serial })
  const token = (await holderOf(ports, named))?.tokens[named]
  if (token?.revoked) {
    const message = `The token ${named} was revoked for good: enrol a new one.`
    return refused('conflict', message, 'serial')
  }
  return changeOne(ports, named, (_ports, account) => setEnabled(ports, account, named, true))
}

export const disable = changing((ports, account, named) => setEnabled(ports, account, named, false))
export const reset = changing(resetFailures)
export const revokeToken = changing(revoke)

/** Sets the PIN of a token; the empty one removes it. */
export const changePin: Command = async (ports, args) => {
  const { serial: named, pin: typed } = readArguments(args, { serial, pin: newPin })
  return changeOne(ports, named, (_ports, account) =>
    setPinAndTell(ports, account, named, typed, UNKNOWN_CALLER),
  )
}

export const removeToken: Command = async (ports, args) => {
  const { serial: named } = readArguments(args, { serial })
  const account = await holderOf(ports, named)
  const deleted = account !== undefined && (await deleteToken(ports, account, named))
  return deleted ? done({ serial: named, deleted }) : noSuchToken(named)
}
