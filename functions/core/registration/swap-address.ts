/** One address for another, in one write, and the notice to whoever reads the one before. */
import type { Account, AddressMethod, FormerAddress, Token } from '../account.ts'
import { sameMailbox } from '../address/address-key.ts'
import { HOUR } from '../spans.ts'
import { AccountBusyError, MOST_TRIES } from '../change-account.ts'
import type { Ports, TokenSaveResult } from '../ports.ts'
import { derivedSecret } from '../seal.ts'
import type { AddressTraces } from '../registration.ts'
import { withoutSessions } from '../session-epoch.ts'
import type { Settings } from '../settings.ts'
import { withoutLogins } from '../supersede.ts'
import { newTransactionId } from '../transaction-id.ts'
import { withDeliverable } from '../undeliverable.ts'
import { addressTraces } from './address-trace.ts'
import { currentAddress, followed } from './current-address.ts'
import { formerAddresses } from './former-addresses.ts'
import { isOwnAddress } from './kept-elsewhere.ts'
import { sendNotice } from './notice.ts'
import { type Settled, withoutPending } from './pending-address.ts'

export type Swap = {
  address: string
  method: AddressMethod
  /** Asked on the very state that is written: whether it may be. */
  admit?: (current: Account) => boolean
  /** The token to add for a person who has none that mails codes. */
  token?: Token
  /** The challenge that proved it. */
  settled?: Settled
  /** Sessions end too: whoever reads the address before may have begun them. */
  endsSessions?: boolean
}

/** `undefined`: it was not admitted, or the account is gone. */
export type Swapped = { account: Account; addresses: AddressTraces; serial?: string } | undefined

/**
 * Puts an address into the place of the one before: tokens that carried that one follow, open
 * challenges die, and its reader is told. Whatever happens in parallel, the account has one address
 * before and one after.
 */
export async function swapAddress(ports: Ports, found: Account, swap: Swap): Promise<Swapped> {
  const settings = await ports.settings.current()
  const { random, sleep } = ports
  const named = { reference: newTransactionId(random), secret: derivedSecret(random) }
  let current: Account | undefined = found
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    if (!current || !(swap.admit?.(current) ?? true)) return undefined
    const made = swapped(current, swap, { ...named, settings, now: ports.now() })
    const { former } = made
    const after = withToken(made.after, swap.token)
    const saved = await save(ports, current, after, swap.token)
    if (saved.saved) {
      const account = { ...after, rev: current.rev + 1 }
      if (former) await sendNotice(ports, account, former)
      const addresses = await addressTraces(ports, currentAddress(current), swap.address)
      return { account, addresses, ...(swap.token ? { serial: swap.token.serial } : {}) }
    }
    current = 'taken' in saved ? undefined : saved.current
    await sleep(random(1)[0]! % (2 * tries))
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

function save(
  { accounts }: Ports,
  before: Account,
  after: Account,
  token: Token | undefined,
): Promise<TokenSaveResult> {
  return token ? accounts.addToken(before, after, token.serial) : accounts.save(before, after)
}

const withToken = (account: Account, token: Token | undefined): Account =>
  token ? { ...account, tokens: { ...account.tokens, [token.serial]: token } } : account

type Named = { reference: string; secret: string; settings: Settings; now: number }

function swapped(
  current: Account,
  { address, method, settled, endsSessions }: Swap,
  { settings, now, ...named }: Named,
) {
  const old = currentAddress(current)
  const { emailVerified: verified, ...rest } = withoutPending(current, settled)
  const proven: Account = {
    ...{ ...rest, email: address, emailVerified: { at: now, method } },
    ...(isOwnAddress(current, settings) ? { ownAddress: true } : {}),
  }
  const changed = withDeliverable(proven, now, address) ?? proven
  const known = formerAddresses(current, now)
  if (old === undefined || sameMailbox(old, address)) {
    return { after: withFormer(changed, known), former: undefined }
  }
  const former: FormerAddress = {
    address: old,
    ...(verified ? { verified } : {}),
    ...named,
    replacedBy: address,
    at: now,
    until: now + settings['selfservice.dispute_hours'] * HOUR,
  }
  const after: Account = {
    ...changed,
    tokens: followed(current.tokens, old, address),
    open: withoutLogins(rest.open),
  }
  const left = endsSessions ? withoutSessions(after) : after
  return { after: withFormer(left, [...known, former]), former }
}

export function withFormer(account: Account, former: FormerAddress[]): Account {
  const { former: _before, ...rest } = account
  return former.length > 0 ? { ...rest, former } : rest
}
