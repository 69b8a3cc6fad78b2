import { type Account, accountKey } from './account.ts'
import type { Ports } from './ports.ts'
import { findElsewhere } from './remote-user.ts'
import type { Settings } from './settings.ts'

/** Whom a request is about, in the words of the request. Empty strings count as absent. */
export type Subject = {
  user?: string
  realm?: string
  serial?: string
  /** The user, where `user` and `realm` have been read already: they are not read again then. */
  who?: Who
}

export type Who = { login: string; realm: string }

export type Found =
  | { found: true; account: Account; serials: string[]; login?: string; realm: string }
  | { found: false; reason: 'unknown_user' | 'unknown_realm'; login: string; realm: string }
  | { found: false; reason: 'unknown_serial' | 'serial_of_other' | 'unknown_owner'; serial: string }
  | { found: false; reason: 'nobody_named' }

/** Finds the account a request is about, and which of its tokens it means. */
export async function findAccount(ports: Ports, subject: Subject): Promise<Found> {
  const settings = await ports.settings.current()
  const who = whoOf(subject, settings)
  if (subject.serial) return findBySerial(ports, subject.serial, who)
  if (!who) return { found: false, reason: 'nobody_named' }
  if (!settings.realms.has(who.realm)) return { found: false, reason: 'unknown_realm', ...who }
  const account =
    (await ports.accounts.get(accountKey(who.realm, who.login))) ??
    (await findElsewhere(ports, who, settings))
  if (!account) return { found: false, reason: 'unknown_user', ...who }
  return { found: true, account, serials: Object.keys(account.tokens), ...who }
}

/** The user a request names, if it does. */
export const whoOf = ({ who, user, realm }: Subject, settings: Settings): Who | undefined =>
  who ?? (user ? nameOf(user, realm, settings) : undefined)

/**
 * Login and realm of what the request calls the user: `name@realm` is split when there is such a
 * realm and `splitAtSign` is on; otherwise the whole is the login.
 */
export function nameOf(user: string, realm: string | undefined, settings: Settings): Who {
  const given = realm?.toLowerCase() || settings['realm.default']
  const at = user.lastIndexOf('@')
  const named = user.slice(at + 1).toLowerCase()
  return settings.splitAtSign && at > 0 && settings.realms.has(named)
    ? { login: user.slice(0, at), realm: named }
    : { login: user, realm: given }
}

async function findBySerial({ accounts }: Ports, serial: string, who?: Who): Promise<Found> {
  const key = await accounts.findSerial(serial)
  const account = key ? await accounts.get(key) : undefined
  if (!account?.tokens[serial]) return { found: false, reason: 'unknown_serial', serial }
  const named = who && accountKey(who.realm, who.login)
  if (named !== undefined && named !== account.key) {
    const reason = (await accounts.get(named)) ? 'serial_of_other' : 'unknown_owner'
    return { found: false, reason, serial }
  }
  return { found: true, account, serials: [serial], login: account.login, realm: account.realm }
}
