import type { PinHash } from '../account.ts'
import { hashPin } from '../pin.ts'
import { addressTraces } from '../registration/address-trace.ts'
import {
  addUser as createUser,
  newUser,
  type Profile,
  removeUser as deleteUser,
  updateUser,
} from '../users.ts'
import { readArguments } from './arguments.ts'
import {
  clearable,
  cursor,
  languageTag,
  limit,
  login,
  mailbox,
  optional,
  password,
  realm,
  shortText,
} from './fields.ts'
import { assertAddress } from './new-address.ts'
import { readPage } from './page.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done, refused, type Reply, tracing } from './reply.ts'
import { accountOf, noSuchUser, type Who, whoIs } from './subject.ts'
import { userDetail, userView } from './views.ts'

export const SUBJECT = { user: login, realm: optional(realm) }
export const PROFILE = {
  email: optional(mailbox),
  givenname: optional(shortText),
  surname: optional(shortText),
  phone: optional(shortText),
  mobile: optional(shortText),
  locale: optional(languageTag),
}
const CHANGES = {
  email: clearable(mailbox),
  givenname: clearable(shortText),
  surname: clearable(shortText),
  phone: clearable(shortText),
  mobile: clearable(shortText),
  locale: clearable(languageTag),
}

export const addUser: Command = async (ports, args) => {
  const shape = { ...SUBJECT, ...PROFILE, password: optional(password(ports.stage)) }
  const { user, realm, password: word, ...profile } = readArguments(args, shape)
  const who = await whoIs(ports, { user, realm })
  const settings = await ports.settings.current()
  await assertAddress(ports, settings, profile.email, newUser(who.realm, who.login, {}))
  if (!(await createUser(ports, who.realm, who.login, profile))) {
    const message = `The realm ${who.realm} has a user ${who.login} already.`
    return refused('conflict', message, 'user')
  }
  if (word !== undefined) await setPassword(ports, who, word)
  return traced(ports, await show(ports, who), undefined, profile)
}

/** Changes what is given; the empty string removes a value. */
export const changeUser: Command = async (ports, args) => {
  const shape = { ...SUBJECT, ...CHANGES, password: optional(password(ports.stage)) }
  const { user, realm, password: word, ...changes } = readArguments(args, shape)
  const who = await whoIs(ports, { user, realm })
  const profile: Profile = Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, value === '' ? undefined : value]),
  )
  const before = 'email' in profile ? await accountOf(ports, who) : undefined
  if (before) await assertAddress(ports, await ports.settings.current(), profile.email, before)
  if (!(await updateUser(ports, who.realm, who.login, profile))) return noSuchUser(who)
  if (word !== undefined) await setPassword(ports, who, word)
  return traced(ports, await show(ports, who), before?.email, profile)
}

/** The reply with the address that was changed, where one was given. */
async function traced(ports: OperatorPorts, reply: Reply, old: string | undefined, given: Profile) {
  return 'email' in given && (old ?? given.email) !== undefined
    ? tracing(reply, await addressTraces(ports, old, given.email))
    : reply
}

/** Removes a user with all tokens. */
export const removeUser: Command = async (ports, args) => {
  const who = await whoIs(ports, readArguments(args, SUBJECT))
  const removed = await deleteUser(ports, who.realm, who.login)
  return removed ? done({ user: who.login, realm: who.realm, removed }) : noSuchUser(who)
}

export const showUser: Command = async (ports, args) =>
  show(ports, await whoIs(ports, readArguments(args, SUBJECT)))

async function show(ports: OperatorPorts, who: Who) {
  const account = await accountOf(ports, who)
  if (!account) return noSuchUser(who)
  return done(userDetail(account, await ports.settings.current(), ports.now()))
}

export const listUsers: Command = async (ports, args) => {
  const shape = { realm: optional(realm), after: optional(cursor), limit: optional(limit) }
  const { realm: only, ...options } = readArguments(args, shape)
  const page = await readPage(ports.accountScan, options, (account) => {
    const fits = account.login !== undefined && (only === undefined || account.realm === only)
    return fits ? [userView(account)] : []
  })
  return done({ users: page.items, next: page.next })
}

async function setPassword(ports: OperatorPorts, who: Who, word: string): Promise<void> {
  const hash: PinHash = await hashPin(await ports.keyring.key('pin'), word, ports.random)
  await updateUser(ports, who.realm, who.login, { password: hash })
}
