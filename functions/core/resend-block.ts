/** Challenges so young that no new mail follows them. */
import type { Account, OpenChallenge } from './account.ts'
import { isApart } from './application.ts'
import { answerable, unusable } from './budget.ts'
import type { Caller } from './caller.ts'
import type { Challenge } from './challenge.ts'
import { isLost } from './mail-fate.ts'
import type { Ports } from './ports.ts'

/** Milliseconds in which another request writes the challenge it has just noted in the account. */
const BEING_WRITTEN = 150

type Asking = {
  seconds: number
  now: number
  purpose?: OpenChallenge['purpose']
  caller?: Caller | undefined
}

/**
 * The challenges of the newest transaction that still waits for its answer and is younger than
 * `seconds`: a person who asks again is told of it and gets no further mail. Empty: there is none.
 *
 * One that was answered, used up, replaced or could not be mailed keeps nobody waiting. Reads only
 * where a challenge is open.
 */
export async function blockingChallenges(
  ports: Pick<Ports, 'challenges' | 'sleep'>,
  account: Account,
  serials: string[],
  { seconds, now, purpose, caller }: Asking,
): Promise<Challenge[]> {
  if (seconds === 0) return []
  const usable = serials.filter((serial) => {
    const token = account.tokens[serial]
    return token && !unusable(token, now)
  })
  const open = answerable(account, usable, now, purpose).filter((one) => !isApart(one, caller))
  if (open.length === 0) return []
  const young = (await readAll(ports, open)).filter(
    (one) => isWaiting(one, now) && one.createdAt + seconds * 1000 > now,
  )
  const newest = Math.max(...young.map(({ createdAt }) => createdAt))
  const transactionId = young.find(({ createdAt }) => createdAt === newest)?.transactionId
  return young.filter((one) => one.transactionId === transactionId)
}

/** Whether a challenge can still be answered and its mail has not failed. */
export const isWaiting = (
  { guessMac, otpMac, attempts, maxAttempts, delivery, fate, expiresAt }: Challenge,
  now: number,
) =>
  guessMac !== otpMac &&
  attempts < maxAttempts &&
  delivery !== 'failed' &&
  !isLost(fate) &&
  expiresAt > now

/** A challenge is noted before it is written: one that is missing is looked for once more. */
async function readAll(
  { challenges, sleep }: Pick<Ports, 'challenges' | 'sleep'>,
  open: OpenChallenge[],
): Promise<Challenge[]> {
  const found = await challenges.getMany(open)
  if (found.length === open.length) return found
  await sleep(BEING_WRITTEN)
  return challenges.getMany(open)
}
