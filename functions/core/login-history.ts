/**
 * Limits on how often somebody logs in or fails to. Kept on the account and only where a policy
 * asks for it, so that other logins do not pay for it.
 */
import type { Account, LoginHistory } from './account.ts'
import { changeAccount } from './change-account.ts'
import type { LoginPolicy } from './login-policy.ts'
import type { Rate } from './policy/action-kinds.ts'
import type { Ports } from './ports.ts'

/** Times that are kept at most; a policy that allows more is taken as allowing this many. */
const MOST_KEPT = 1000

const NOTHING: LoginHistory = { accepted: [], failed: [] }

const within = (times: number[], { seconds }: Rate, now: number) =>
  times.filter((time) => time > now - seconds * 1000).slice(-MOST_KEPT)

const isReached = (times: number[], rate: Rate, now: number) =>
  within(times, rate, now).length >= Math.min(rate.count, MOST_KEPT)

/** What a limit says when it is reached. */
const limitMessage = (what: string, { count, seconds }: Rate) =>
  `Only ${count} ${what} authentications per ${clock(seconds)} allowed.`

const clock = (seconds: number) => {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const two = (number: number) => String(number).padStart(2, '0')
  return `${hours}:${two(minutes)}:${two(seconds % 60)}`
}

export type FailureTicket =
  | { limited: false }
  | { limited: true; admitted: true; account: Account; at: number }
  | { limited: true; admitted: false; message: string }

/**
 * Takes one of the failures that are left before anything is looked at, so that parallel tries
 * cannot share one. What turns out not to be a failure is given back by {@link returnTicket}.
 */
export async function takeTicket(
  ports: Ports,
  account: Account,
  { authorization }: LoginPolicy,
): Promise<FailureTicket> {
  const rate = authorization.authMaxFail.value
  if (!rate) return { limited: false }
  const at = ports.now()
  const taken = await changeAccount(ports, account, (current) => {
    const history = current.history ?? NOTHING
    if (isReached(history.failed, rate, at)) return { result: undefined }
    const failed = [...within(history.failed, rate, at), at]
    const after: Account = { ...current, history: { ...history, failed } }
    return { after, result: { ...after, rev: current.rev + 1 } }
  })
  return taken
    ? { limited: true, admitted: true, account: taken, at }
    : { limited: true, admitted: false, message: limitMessage('failed', rate) }
}

/** Gives a ticket back: the login did not fail. */
export async function returnTicket(ports: Ports, ticket: FailureTicket): Promise<void> {
  if (!ticket.limited || !ticket.admitted) return
  await changeAccount(ports, ticket.account, (current) => {
    const history = current.history ?? NOTHING
    const index = history.failed.indexOf(ticket.at)
    if (index < 0) return { result: undefined }
    const failed = history.failed.toSpliced(index, 1)
    return { after: { ...current, history: { ...history, failed } }, result: undefined }
  })
}

/** The account with one more login in its history, or why there may not be one. */
export function withLogin(
  account: Account,
  { authorization }: LoginPolicy,
  now: number,
): { account: Account } | { refused: string } {
  const rate = authorization.authMaxSuccess.value
  if (!rate) return { account }
  const history = account.history ?? NOTHING
  if (isReached(history.accepted, rate, now)) return { refused: limitMessage('successful', rate) }
  const accepted = [...within(history.accepted, rate, now), now]
  return { account: { ...account, history: { ...history, accepted } } }
}
