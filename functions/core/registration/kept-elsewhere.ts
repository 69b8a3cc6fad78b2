/** Whose address it is to say: that of a user who is kept elsewhere is their directory's, if it has one. */
import type { Account } from '../account.ts'
import { sameMailbox } from '../address/address-key.ts'
import { remoteResolver } from '../remote-user.ts'
import type { Settings } from '../settings.ts'

/** Whether a directory elsewhere has another address for the user, which would take its place again. */
export const isKeptElsewhere = (account: Account, address: string, settings: Settings): boolean =>
  hasDirectoryAddress(account, settings) && !sameMailbox(account.email!, address)

/** Whether an address that is registered now is one that a directory elsewhere does not have. */
export const isOwnAddress = (account: Account, settings: Settings): boolean =>
  remoteResolver(account, settings) !== undefined && !hasDirectoryAddress(account, settings)

const hasDirectoryAddress = (account: Account, settings: Settings) =>
  remoteResolver(account, settings) !== undefined &&
  account.email !== undefined &&
  !account.ownAddress
