import { type Account, type PinHash, type Token, typeOf } from '../account.ts'
import type { Caller } from '../caller.ts'
import { changeAccount } from '../change-account.ts'
import { countPin, type Limits } from '../check-pin.ts'
import { saltOf } from '../enrol-token.ts'
import { mayTry, trierAt } from '../first-factor-tries.ts'
import { notifyUser } from '../notify-user.ts'
import { hashPin, pinMatcher } from '../pin.ts'
import type { Ports } from '../ports.ts'
import { withoutSessions } from '../session-epoch.ts'

export type PinChange = {
  /** The PIN in force; looked at where it is given. */
  old?: string | undefined
  new: string
  /** @default every e-mail token that is not revoked */
  serial?: string | undefined
  caller: Caller
}

/** `wrong_pin`: the old one; it counts and delays as everywhere. */
export type PinChanged =
  | { changed: true; account: Account; serials: string[] }
  | { changed: false; reason: 'no_token' | 'wrong_pin' }

/**
 * Gives the tokens of an account a new PIN, in one write that ends what stood on the old one: every
 * session, and every code that waits for its answer.
 */
export async function changePin(
  ports: Ports,
  account: Account,
  change: PinChange,
): Promise<PinChanged> {
  const meant = tokensMeant(account, change.serial)
  if (meant.length === 0) return { changed: false, reason: 'no_token' }
  const trier = await trierAt(ports, account, 'pin', change.caller.clientIp)
  const allowed = (current: Account) =>
    change.old === undefined || mayTry(current, trier, ports.now())
  if (!(await isRight(ports, account, meant, change.old, { trier, allowed }))) {
    return { changed: false, reason: 'wrong_pin' }
  }
  const salt = change.serial === undefined ? undefined : saltOf(account)
  const pin = await hashPin(await ports.keyring.key('pin'), change.new, ports.random, salt)
  const changed = await changeAccount<PinChanged>(ports, account, (current) => {
    const tokens = tokensMeant(current, change.serial)
    if (tokens.length === 0) return { result: { changed: false, reason: 'no_token' } }
    // others may have used up the tries meanwhile: a burst learns no more than one after the other
    if (!allowed(current)) return { result: { changed: false, reason: 'wrong_pin' } }
    const serials = tokens.map(({ serial }) => serial)
    const after = withPin(withoutSessions(current), serials, pin)
    return { after, result: { changed: true, account: after, serials } }
  })
  if (changed?.changed) {
    const { serials } = changed
    await notifyUser(ports, account, { event: 'setPin', serials, caller: change.caller })
  }
  return changed ?? { changed: false, reason: 'no_token' }
}

/** A token that mails nothing has its PIN for its only factor: nobody changes that here. */
const tokensMeant = ({ tokens }: Account, serial: string | undefined): Token[] =>
  Object.values(tokens).filter(
    (token) =>
      typeOf(token) === 'email' &&
      !token.revoked &&
      (serial === undefined || token.serial === serial),
  )

async function isRight(
  ports: Ports,
  account: Account,
  tokens: Token[],
  typed: string | undefined,
  limits: Limits,
): Promise<boolean> {
  if (typed === undefined) return true
  if (!limits.allowed(account)) return false
  const matches = pinMatcher(await ports.keyring.key('pin'))
  const right = await Promise.all(tokens.map(({ pin }) => matches(typed, pin)))
  if (right.includes(true)) return true
  await countPin(ports, account, limits, 'wrong_pin')
  return false
}

function withPin(account: Account, serials: string[], pin: PinHash): Account {
  const tokens = Object.values(account.tokens).map((token): [string, Token] => {
    if (!serials.includes(token.serial)) return [token.serial, token]
    const { pinChangeDue: _done, ...rest } = token
    return [token.serial, { ...rest, pin }]
  })
  const { steps: _ended, ...rest } = account
  const open = account.open.map((one) =>
    serials.includes(one.serial) ? { ...one, superseded: true } : one,
  )
  return { ...rest, open, tokens: Object.fromEntries(tokens) }
}
