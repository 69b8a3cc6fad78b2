import type { Account } from '../account.ts'
import { allowAddress } from '../allow-address.ts'
import { readArguments } from './arguments.ts'
import { cursor, limit, login, mailbox, optional, realm } from './fields.ts'
import { readPage } from './page.ts'
import type { Command } from './ports.ts'
import { done } from './reply.ts'
import { accountOf, noSuchUser, whoIs } from './subject.ts'
import { isoTime } from './views.ts'

/** Addresses that take no mail, in pages. */
export const listAddresses: Command = async (ports, args) => {
  const shape = { realm: optional(realm), after: optional(cursor), limit: optional(limit) }
  const { realm: only, ...options } = readArguments(args, shape)
  const page = await readPage(ports.accountScan, options, (account) =>
    only === undefined || account.realm === only ? viewsOf(account) : [],
  )
  return done({ addresses: page.items, next: page.next })
}

const viewsOf = ({ login: user, realm: ofRealm, undeliverable = {} }: Account) =>
  Object.entries(undeliverable).flatMap(([address, { at, why, words, allowedAt }]) =>
    allowedAt === undefined ? [{ address, user, realm: ofRealm, why, at: isoTime(at), words }] : [],
  )

/** Has the addresses of a user, or one of them, be tried again. */
export const allowAddresses: Command = async (ports, args) => {
  const given = readArguments(args, {
    user: login,
    realm: optional(realm),
    address: optional(mailbox),
  })
  const who = await whoIs(ports, given)
  const account = await accountOf(ports, who)
  if (!account) return noSuchUser(who)
  const allowed = await allowAddress(ports, account, given.address)
  return done({ user: who.login, realm: who.realm, allowed })
}
