/** Users that are kept elsewhere: found there, and told from the account that Otpost has of them. */
import { type Account, accountKey, newAccount } from './account.ts'
import { listedFault } from './address/domain-policy.ts'
import { normaliseAddress } from './address/normalise-address.ts'
import type { Challenge } from './challenge.ts'
import { changeAccount } from './change-account.ts'
import { isRemote, resolverOf } from './directory.ts'
import type { Ports } from './ports.ts'
import { NOTICE } from './registration/code-serials.ts'
import type { Settings } from './settings.ts'
import { firstState, withNewAddress } from './users.ts'
import { type RemoteUsers, SourceFault, type SourceUser } from './user-source.ts'

type RemotePorts = Pick<Ports, 'settings' | 'remoteUsers'>

/** The resolver of an account whose user is kept elsewhere; undefined: Otpost keeps them. */
export function remoteResolver(account: Account, settings: Settings): string | undefined {
  const resolver = resolverOf(account, settings)
  const remote = account.login !== undefined && isRemote(settings.directories.get(resolver))
  return remote ? resolver : undefined
}

function sources({ remoteUsers }: Pick<Ports, 'remoteUsers'>): RemoteUsers {
  if (remoteUsers) return remoteUsers
  throw new SourceFault('Resolvers outside of Otpost cannot be asked here.')
}

/**
 * Asks the resolvers of a realm that are not Otpost's own, in their order, for a user without an
 * account. The first that knows the login wins. The account is not stored: a stranger's login writes
 * nothing. Where the directory spells the login otherwise, it is the account of that spelling.
 */
export async function findElsewhere(
  ports: Pick<Ports, 'accounts' | 'random' | 'remoteUsers'>,
  { login, realm }: { login: string; realm: string },
  settings: Settings,
): Promise<Account | undefined> {
  for (const resolver of settings.resolvers.get(realm) ?? []) {
    if (!isRemote(settings.directories.get(resolver))) continue
    const user = await sources(ports).find(resolver, login)
    if (!user) continue
    const key = accountKey(realm, user.login)
    const stored = user.login === login ? undefined : await ports.accounts.get(key)
    if (stored) return resolverOf(stored, settings) === resolver ? stored : undefined
    const account = firstState(newAccount(key, realm, user.login), ports.random)
    return { ...account, ...profileOf(user, settings), resolver, unstored: true }
  }
  return undefined
}

/** The account as it is stored; one of a user who was found elsewhere is stored now. */
export async function stored(
  { accounts }: Pick<Ports, 'accounts'>,
  account: Account,
): Promise<Account | undefined> {
  const { unstored, ...fresh } = account
  if (unstored) await accounts.create(fresh)
  return accounts.get(account.key)
}

/**
 * The account with what its directory says of the user now, which is written down where it is
 * something else than before. Undefined: the user is not there any more.
 */
export async function asKnownNow(
  ports: Ports,
  account: Account,
  settings: Settings,
): Promise<Account | undefined> {
  const resolver = account.unstored ? undefined : remoteResolver(account, settings)
  if (resolver === undefined) return account
  const user = await sources(ports).find(resolver, account.login!)
  if (!user || user.login !== account.login) return undefined
  if (saysTheSame(account, withProfile(account, user, settings))) return account
  return changeAccount(ports, account, (current) => {
    const after = withProfile(current, user, settings)
    return { after, result: { ...after, rev: current.rev + 1 } }
  })
}

function withProfile(account: Account, user: SourceUser, settings: Settings): Account {
  const profile = profileOf(user, settings)
  const { ownAddress, ...others } = account
  return ownAddress && profile.email === undefined
    ? { ...account, ...profile, email: account.email }
    : { ...withNewAddress(others, profile), ...profile }
}

const saysTheSame = (before: Account, after: Account) =>
  PROFILE.every((name) => before[name] === after[name])

/**
 * What checks the password of a user who is kept elsewhere; undefined: Otpost keeps it. The same
 * password is asked for once: directories lock who is wrong too often.
 */
export async function remotePassword(
  ports: RemotePorts,
  account: Account,
): Promise<((typed: string) => Promise<boolean>) | undefined> {
  const resolver = remoteResolver(account, await ports.settings.current())
  if (resolver === undefined) return undefined
  const asked = new Map<string, Promise<boolean>>()
  return async (typed) => {
    if (typed === '') return false
    const answer = asked.get(typed) ?? sources(ports).checkPassword(resolver, account.login!, typed)
    asked.set(typed, answer)
    return answer
  }
}

/**
 * The account with the address that the user's directory has at this moment, or the one they proved
 * themselves where it has none, if the mail of a challenge is to go there. Not written down: that is
 * for who makes the challenge.
 */
export async function withAddressNow(
  ports: RemotePorts,
  account: Account,
  { serial, dynamicAddress }: Pick<Challenge, 'serial' | 'dynamicAddress'>,
): Promise<Account> {
  const token = account.tokens[serial]
  const isOwn = token ? token.email && !dynamicAddress : serial !== NOTICE
  if (isOwn) return account
  const settings = await ports.settings.current()
  const resolver = remoteResolver(account, settings)
  if (resolver === undefined) return account
  const user = await sources(ports).find(resolver, account.login!, true)
  const { email: _before, ...others } = account
  const own = account.ownAddress ? account.email : undefined
  const email = user && (firstAddress(user, settings) ?? own)
  return email === undefined ? others : { ...others, email }
}

const PROFILE = ['email', 'givenname', 'surname', 'phone', 'mobile', 'locale'] as const

const profileOf = (user: SourceUser, settings: Settings) => {
  const { givenname, surname, phone, mobile, locale } = user
  return { email: firstAddress(user, settings), givenname, surname, phone, mobile, locale }
}

/** The first that is an address and whose domain the settings allow. */
function firstAddress({ email }: SourceUser, settings: Settings): string | undefined {
  for (const text of email) {
    const reading = normaliseAddress(text)
    if ('refused' in reading) continue
    // whoever runs the directory does not write disposable addresses into it
    if (!listedFault(settings, reading.domain)) return reading.address
  }
  return undefined
}
