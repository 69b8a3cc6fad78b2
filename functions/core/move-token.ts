/** Tokens get an owner and lose it. */
import { type Account, newAccount, ownerlessKey, type Token } from './account.ts'
import { AccountBusyError } from './change-account.ts'
import { MOST_TOKENS } from './enrol-token.ts'
import { setPin, type TokenPorts } from './manage-tokens.ts'
import { stored } from './remote-user.ts'

const MOST_TRIES = 16

export type AssignResult =
  | { assigned: true }
  | { assigned: false; reason: 'unknown_serial' | 'unknown_user' | 'too_many' }
  /** It is somebody else's. */
  | { assigned: false; reason: 'owned'; holder: Account }
  | { assigned: false; reason: 'forbidden'; message: string }

/**
 * Gives a token that belongs to nobody to a user; it keeps its PIN. `forbid` is asked on the very
 * state of the owner that is written: why the user may not have one more, or undefined.
 */
export async function assignToken(
  ports: TokenPorts,
  serial: string,
  owner: Account,
  forbid: (owner: Account) => string | undefined,
): Promise<AssignResult> {
  const { accounts } = ports
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const key = await accounts.findSerial(serial)
    const from = key === undefined ? undefined : await accounts.get(key)
    const token = from?.tokens[serial]
    if (!from || !token) return { assigned: false, reason: 'unknown_serial' }
    if (from.key === owner.key) return { assigned: true }
    if (from.login !== undefined) return { assigned: false, reason: 'owned', holder: from }

    const to = await stored(ports, owner)
    if (!to) return { assigned: false, reason: 'unknown_user' }
    if (Object.keys(to.tokens).length >= MOST_TOKENS) return { assigned: false, reason: 'too_many' }
    const message = forbid(to)
    if (message !== undefined) return { assigned: false, reason: 'forbidden', message }

    const info = { ...token.info, assignment_date: isoSeconds(ports.now()) }
    const after = { ...to, tokens: { ...to.tokens, [serial]: { ...token, info } } }
    if (await accounts.moveToken(serial, { before: from }, { before: to, after })) {
      return { assigned: true }
    }
    await ports.sleep(ports.random(1)[0]! % (2 * tries))
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

/**
 * Takes a token from its owner. Its PIN goes, and so do its open challenges: their codes are in the
 * former owner's mailbox. False when there is no such token.
 */
export async function unassignToken(ports: TokenPorts, serial: string): Promise<boolean> {
  const { accounts } = ports
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const key = await accounts.findSerial(serial)
    const from = key === undefined ? undefined : await accounts.get(key)
    const token = from?.tokens[serial]
    if (!from || !token) return false
    if (from.login === undefined) return setPin(ports, from, serial, '')

    const home = ownerlessKey(serial)
    await accounts.create(newAccount(home, ''))
    const to = await accounts.get(home)
    if (to) {
      const after = { ...to, tokens: { [serial]: withoutOwner(token) } }
      const left = { before: from, after: without(from, serial) }
      if (await accounts.moveToken(serial, left, { before: to, after })) return true
    }
    await ports.sleep(ports.random(1)[0]! % (2 * tries))
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

/** What is let in by its PIN alone must not be let in by none. */
function withoutOwner({ pin: _pin, info, ...token }: Token): Token {
  const { assignment_date: _date, ...kept } = info ?? {}
  return {
    ...token,
    ...(Object.keys(kept).length > 0 ? { info: kept } : {}),
    ...(token.type === 'spass' ? { enabled: false } : {}),
  }
}

/** The account without a token; the guesses of its challenges stay reserved. */
function without(account: Account, serial: string): Account {
  const { [serial]: _gone, ...tokens } = account.tokens
  const open = account.open.map((one) =>
    one.serial === serial ? { ...one, superseded: true } : one,
  )
  return { ...account, tokens, open }
}

/** `2026-11-21T01:16:28+00:00`. */
export const isoSeconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
