import type { Account } from './account.ts'
import type { Ports } from './ports.ts'

/** Too many writers at one account. The caller may try again; nothing was changed. */
export class AccountBusyError extends Error {
  override name = 'AccountBusyError'
}

/** How often a write is tried anew before its account counts as busy. */
export const MOST_TRIES = 64

/**
 * Decides on the newest state of an account and writes the decision, as if nobody else were there:
 * when somebody wrote in between, the decision is taken anew on what they wrote. A decision
 * without `after` writes nothing. Undefined when the account is gone.
 */
export async function changeAccount<Result>(
  { accounts, random, sleep }: Pick<Ports, 'accounts' | 'random' | 'sleep'>,
  account: Account,
  decide: (
    current: Account,
  ) => { after?: Account; result: Result } | Promise<{ after?: Account; result: Result }>,
): Promise<Result | undefined> {
  let current: Account | undefined = account
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const { after, result }: { after?: Account; result: Result } = await decide(current)
    if (!after) return result
    const saved = await accounts.save(current, after)
    if (saved.saved) return result
    if (!saved.current) return undefined
    current = saved.current
    await sleep(random(1)[0]! % (2 * tries))
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}
