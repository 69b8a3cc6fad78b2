import type { Account, OpenChallenge, Token } from './account.ts'
import { sameMailbox } from './address/address-key.ts'
import { mailboxDigest } from './mailbox-digest.ts'
import { derivedSecret } from './seal.ts'
import type { Random } from './ports.ts'
import type { Settings } from './settings.ts'
import { withDeliverable } from './undeliverable.ts'

/**
 * A token that a person adds while logging in. It cannot be used until a code has come back from
 * its address, and the function that makes it can neither read nor choose its secret: that is
 * derived from a key which only `deliver` can open.
 */
export const newPendingToken = (
  { serial, email }: { serial: string; email: string },
  settings: Settings,
  { random, now }: { random: Random; now: number },
): Token => ({
  serial,
  secret: derivedSecret(random),
  counter: 0,
  digits: settings['otp.length'],
  algorithm: settings['hotp.hashlib'],
  email,
  enabled: true,
  revoked: false,
  failcount: 0,
  maxFailcount: settings['token.max_failcount'],
  description: '',
  rollout: 'verify',
  addedBy: 'login',
  createdAt: now,
})

/** Whether it was added at a login and its address is not proven yet. */
export const isPending = ({ rollout, addedBy }: Token) =>
  rollout === 'verify' && addedBy === 'login'

/**
 * The account with the token's address proven, and with it its user's, if it is that or their first.
 * Undefined: the token is gone, or its address is not the one that the code went to.
 */
export function confirmed(
  account: Account,
  { serial, mailbox }: Pick<OpenChallenge, 'serial' | 'mailbox'>,
  emailVerified: NonNullable<Account['emailVerified']>,
): Account | undefined {
  const found = account.tokens[serial]
  if (!found) return undefined
  const { login, email: users } = account
  const email = found.email ?? users
  if (email === undefined || mailboxDigest(email) !== mailbox) return undefined
  const { addedBy: _added, ...token } = found
  const tokens = { ...account.tokens, [serial]: { ...token, rollout: 'enrolled' as const } }
  const isUsers = sameMailbox(email, users ?? email) && login !== undefined
  const proven: Account = {
    ...{ ...account, tokens },
    ...(isUsers ? { email: users ?? email, emailVerified } : {}),
  }
  return withDeliverable(proven, emailVerified.at, email) ?? proven
}
