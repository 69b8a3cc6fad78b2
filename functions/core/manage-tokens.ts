/** What an administrator does to tokens that exist. */
import type { Account, Token } from './account.ts'
import { AccountBusyError, changeAccount, MOST_TRIES } from './change-account.ts'
import { saltOf } from './enrol-token.ts'
import { withoutFailedTries } from './first-factor-tries.ts'
import { hashPin } from './pin.ts'
import type { AccountStore, Ports } from './ports.ts'
import { withoutSessions } from './session-epoch.ts'

export type TokenPorts = Pick<
  Ports,
  'accounts' | 'settings' | 'keyring' | 'now' | 'random' | 'sleep'
>

/** Changes one token; `false` from `change` means: nothing to do. Returns whether it changed. */
export async function changeToken(
  ports: TokenPorts,
  account: Account,
  serial: string,
  change: (token: Token) => Token | false,
): Promise<boolean> {
  const changed = await changeAccount(ports, account, (current) => {
    const token = current.tokens[serial]
    const next = token && change(token)
    if (!next) return { result: false }
    return { after: { ...current, tokens: { ...current.tokens, [serial]: next } }, result: true }
  })
  return changed ?? false
}

/** Enables or disables a token; false when it was so already. A revoked token stays as it is. */
export const setEnabled = (ports: TokenPorts, account: Account, serial: string, enabled: boolean) =>
  changeToken(
    ports,
    account,
    serial,
    (token) => token.enabled !== enabled && !token.revoked && { ...token, enabled },
  )

/** Ends the use of a token for good. */
export const revoke = (ports: TokenPorts, account: Account, serial: string) =>
  changeToken(
    ports,
    account,
    serial,
    (token) => !token.revoked && { ...token, revoked: true, enabled: false },
  )

/**
 * Ends a lock: the token's failures and the account's run of wrong answers start anew. The wrong
 * answers of the rolling day stay counted.
 */
export async function resetFailures(
  ports: TokenPorts,
  account: Account,
  serial: string,
): Promise<boolean> {
  const reset = await changeAccount(ports, account, (current) => {
    const token = current.tokens[serial]
    if (!token) return { result: false }
    const tokens = { ...current.tokens, [serial]: { ...token, failcount: 0 } }
    const after = withoutFailedTries({ ...current, tokens, consecutive: 0 })
    return { after, result: true }
  })
  return reset ?? false
}

/** Writes what is noted about a token. */
export const setDescription = (
  ports: TokenPorts,
  account: Account,
  serial: string,
  description: string,
) => changeToken(ports, account, serial, (token) => ({ ...token, description }))

/** Sets the PIN; the empty string removes it. The owner's sessions end with it. */
export async function setPin(
  ports: TokenPorts,
  account: Account,
  serial: string,
  pin: string,
): Promise<boolean> {
  const pepper = await ports.keyring.key('pin')
  const hash = pin === '' ? undefined : await hashPin(pepper, pin, ports.random, saltOf(account))
  const set = await changeAccount(ports, account, (current) => {
    const token = current.tokens[serial]
    if (!token) return { result: false }
    const tokens = { ...current.tokens, [serial]: { ...token, pin: hash } }
    return { after: withoutSessions({ ...current, tokens }), result: true }
  })
  return set ?? false
}

/** Removes a token, with its open challenges; an account that belongs to nobody goes with it. */
export async function deleteToken(
  { accounts }: TokenPorts,
  account: Account,
  serial: string,
): Promise<boolean> {
  let current: Account | undefined = account
  for (let tries = 1; current?.tokens[serial]; tries++) {
    if (tries > MOST_TRIES) throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
    const saved = await withoutToken(accounts, current, serial)
    if (saved.saved) return true
    current = 'current' in saved ? saved.current : undefined
  }
  return false
}

function withoutToken(accounts: AccountStore, current: Account, serial: string) {
  if (current.login === undefined) return accounts.remove(current)
  const { [serial]: _gone, ...tokens } = current.tokens
  const open = current.open.map((one) =>
    one.serial === serial ? { ...one, superseded: true } : one,
  )
  return accounts.dropToken(current, { ...current, tokens, open }, serial)
}
