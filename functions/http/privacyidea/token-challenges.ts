/** `/token/challenges/…`: challenges that wait for their answer. None of them holds a code. */
import type { OpenChallenge } from '../../core/account.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type AdminCall, adminRoute, type AdminHandler, valueReply } from './admin-route.ts'
import { readPage } from './page.ts'

const list: AdminHandler = async (ports, call) => {
  const { caller, parameters, path, frame } = call
  caller.require('getchallenges')
  const serial = path.serial ?? parameters.named('serial')
  const transactionId = parameters.scalar('transaction_id') || undefined
  const noted = await openChallenges(ports, call, serial)
  const wanted = noted.filter((one) => !transactionId || one.transactionId === transactionId)
  const open = await unanswered(ports, wanted)
  const { items, count, current, next, prev } = readPage(parameters, open)
  const challenges = items.map(challengeView)
  return valueReply({ challenges, count, current, next, prev, redis_cache_enabled: false }, frame)
}

/** What the accounts remember, of tokens that are still theirs. */
async function openChallenges(
  ports: AdminPorts,
  { caller }: AdminCall,
  serial: string | undefined,
): Promise<OpenChallenge[]> {
  const found: OpenChallenge[] = []
  for await (const account of accountsWith(ports, serial)) {
    if (account.open.length === 0 || !caller.may('getchallenges', account)) continue
    const own = account.open.filter((one) => Object.hasOwn(account.tokens, one.serial))
    found.push(...own.filter((one) => serial === undefined || one.serial === serial))
  }
  return found
}

async function* accountsWith({ accounts }: AdminPorts, serial: string | undefined) {
  if (serial === undefined) return yield* accounts.all()
  const key = await accounts.findSerial(serial)
  const account = key === undefined ? undefined : await accounts.get(key)
  if (account) yield account
}

/** Challenges read at once. */
const BATCH = 100

async function unanswered(
  { challenges }: AdminPorts,
  noted: OpenChallenge[],
): Promise<Challenge[]> {
  const found: Challenge[] = []
  for (let from = 0; from < noted.length; from += BATCH) {
    found.push(...(await challenges.getMany(noted.slice(from, from + BATCH))))
  }
  return found
    .filter(({ maxAttempts, guessMac, otpMac }) => maxAttempts > 0 && guessMac !== otpMac)
    .sort((a, b) => a.createdAt - b.createdAt || (a.serial < b.serial ? -1 : 1))
}

const challengeView = ({ serial, transactionId, attempts, createdAt, expiresAt }: Challenge) => ({
  challenge: '',
  data: {},
  expiration: new Date(expiresAt).toUTCString(),
  otp_received: attempts > 0,
  otp_valid: false,
  received_count: attempts,
  serial,
  timestamp: new Date(createdAt).toUTCString(),
  transaction_id: transactionId,
})

/** The table removes expired challenges by itself: there is never anything left to delete. */
const deleteExpired: AdminHandler = async (_, { caller, frame }) => {
  caller.require('getchallenges')
  return valueReply({ deleted: 0, status: true }, frame)
}

export const TOKEN_CHALLENGE_ROUTES = [
  adminRoute('GET', '/token/challenges/', list),
  adminRoute('GET', '/token/challenges/{serial}', list),
  adminRoute('DELETE', '/token/challenges/expired', deleteExpired),
]
