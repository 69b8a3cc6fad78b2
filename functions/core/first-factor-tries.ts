/**
 * Who may try a first factor, and what comes of it. A PIN and a password count apart; so do networks
 * from which the right one came before, so that a stranger's tries do not use up the owner's.
 */
import type { Account } from './account.ts'
import { clientNetwork } from './client-network.ts'
import { afterFailure, mayLook, NO_TRIES, type Tries } from './looks.ts'
import type { Ports } from './ports.ts'

/** What is tried, and where from, if that is known. */
export type Trier = { secret: 'pin' | 'password'; network?: string | undefined }

/** Networks that are remembered; a new one takes the place of the oldest. */
const MOST_NETWORKS = 5

/** Who tries from an address. */
export async function trierAt(
  { keyring }: Pick<Ports, 'keyring'>,
  { key }: Account,
  secret: Trier['secret'],
  clientIp = '',
): Promise<Trier> {
  return { secret, network: clientNetwork(await keyring.key('pin'), key, clientIp) }
}

const isKnown = ({ known }: Account, { network }: Trier) =>
  network !== undefined && known?.networks.includes(network) === true

function triesOf(account: Account, trier: Trier): Tries {
  if (isKnown(account, trier)) return account.known?.[trier.secret] ?? NO_TRIES
  if (trier.secret === 'pin') {
    const { pinFailures: failures, pinFailedAt: failedAt, pinLooks: looks } = account
    return { failures, failedAt, looks }
  }
  const { passwordFailures: failures = 0, passwordFailedAt: failedAt = 0 } = account
  return { failures, failedAt, looks: account.passwordLooks }
}

/** Whether one more try is looked at. */
export const mayTry = (account: Account, trier: Trier, now: number) =>
  mayLook(triesOf(account, trier), now)

/** Whether some were wrong since the last right one. */
export const hasFailed = (account: Account, trier: Trier) => triesOf(account, trier).failures > 0

/** The account after one more try was looked at and wrong. */
export function withFailedTry(account: Account, trier: Trier, now: number): Account {
  const tries = afterFailure(triesOf(account, trier), now)
  const { failures, failedAt, looks } = tries
  if (isKnown(account, trier)) {
    return { ...account, known: { ...account.known!, [trier.secret]: tries } }
  }
  return trier.secret === 'pin'
    ? { ...account, pinFailures: failures, pinFailedAt: failedAt, pinLooks: looks }
    : { ...account, passwordFailures: failures, passwordFailedAt: failedAt, passwordLooks: looks }
}

/**
 * The account after the right one: wrong ones of the same secret from the same place are forgotten,
 * and the place is known from now on.
 */
export function withRightTry(account: Account, trier: Trier): Account {
  if (!hasFailed(account, trier)) return withNetwork(account, trier)
  if (isKnown(account, trier)) {
    const { [trier.secret]: _forgotten, ...known } = account.known!
    return { ...account, known }
  }
  const forgotten = trier.secret === 'pin' ? { pinFailures: 0 } : { passwordFailures: 0 }
  return withNetwork({ ...account, ...forgotten }, trier)
}

function withNetwork(account: Account, trier: Trier): Account {
  if (trier.network === undefined || isKnown(account, trier)) return account
  const networks = [...(account.known?.networks ?? []), trier.network].slice(-MOST_NETWORKS)
  return { ...account, known: { ...account.known, networks } }
}

/** The account with nothing wrong, wherever it came from. */
export function withoutFailedTries(account: Account): Account {
  const { passwordFailures: _forgotten, known, ...rest } = account
  const places = known ? { known: { networks: known.networks } } : {}
  return { ...rest, ...places, pinFailures: 0 }
}
