/** `/linotp/admin/checkstatus`: challenges and the tokens they are of. None of them holds a code. */
import type { Account } from '../../core/account.ts'
import type { Challenge } from '../../core/challenge.ts'
import { statusOf } from '../../core/check-status.ts'
import { findTransaction } from '../../core/find-transaction.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { linotpAdmin, type LinotpAdminCall, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { heldTokens, noteTarget, readSerials } from './token-held.ts'
import { seconds, tokenView } from './token-view.ts'
import { partName, type TransactionName, transactionOf } from './validate-attempt.ts'

type Status = { challenge: Challenge; account: Account }

/** `open=true` asks for all challenges, others for those that can still be answered, as in LinOTP. */
const checkStatus: LinotpAdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  caller.require('getchallenges')
  const transaction = transactionOf(parameters)
  const tokens = parameters.named('user') !== undefined || readSerials(parameters).length > 0
  if (!transaction && !tokens) {
    throw refusal(77, 'Usage: checkstatus: transactionid, user or serial is needed.')
  }
  const all = parameters.scalar('open')?.toLowerCase() === 'true'
  const found = [
    ...(tokens ? await ofTokens(ports, call) : []),
    ...(transaction ? await ofTransaction(ports, call, transaction) : []),
  ].filter((one) => all || statusIn(one, ports.now()).open)
  noteTarget(
    call,
    found.map(({ account, challenge }) => ({ account, serial: challenge.serial })),
  )
  return value({ values: bySerial(call, found, ports.now()) }, {}, frame)
}

/** What the accounts remember, of the tokens a request names. */
async function ofTokens(ports: AdminPorts, call: LinotpAdminCall): Promise<Status[]> {
  const { held } = await heldTokens(ports, call, ['getchallenges'])
  const found: Status[] = []
  for (const { account, serial } of held) {
    const keys = account.open.filter((one) => one.serial === serial)
    const challenges = await ports.challenges.getMany(keys)
    found.push(...challenges.map((challenge) => ({ challenge, account })))
  }
  return found
}

/** Challenges of one trigger; those of tokens the caller may not look at are not there. */
async function ofTransaction(
  ports: AdminPorts,
  { caller }: LinotpAdminCall,
  { transactionId, part }: TransactionName,
): Promise<Status[]> {
  const { account, challenges = [] } = (await findTransaction(ports, transactionId)) ?? {}
  if (!account || !caller.may('getchallenges', account)) return []
  return challenges
    .filter(({ serial, counter }) => counter > 0 && Object.hasOwn(account.tokens, serial))
    .map((challenge) => ({ challenge, account }))
    .filter((one) => part === undefined || (statusIn(one, ports.now()).part ?? 1) === part)
}

const statusIn = ({ account, challenge }: Status, now: number) => statusOf(account, challenge, now)

function bySerial({ caller }: LinotpAdminCall, found: readonly Status[], now: number) {
  const serials = [...new Set(found.map(({ challenge }) => challenge.serial))]
  return Object.fromEntries(
    serials.map((serial, index) => {
      const own = found.filter(({ challenge }) => challenge.serial === serial)
      const { account } = own[0]!
      const held = { account, token: account.tokens[serial]! }
      const views = own.map((one) => challengeView(one, now))
      const challenges = Object.fromEntries(views.map((view) => [view.transid, view]))
      return [serial, { challenges, tokeninfo: tokenView(held, index + 1, caller.settings) }]
    }),
  )
}

function challengeView(one: Status, now: number) {
  const { transactionId, serial, createdAt } = one.challenge
  const { part, answers, answered, open } = statusIn(one, now)
  return {
    id: 0,
    transid: part === undefined ? transactionId : partName(transactionId, part),
    challenge: '',
    tokenserial: serial,
    data: '',
    timestamp: seconds(createdAt),
    received_tan: answers > 0,
    valid_tan: answered,
    session: { status: open ? 'open' : 'closed' },
  }
}

export const LINOTP_TOKEN_STATUS_ROUTES = [
  linotpAdmin('GET', '/linotp/admin/checkstatus', checkStatus),
  linotpAdmin('POST', '/linotp/admin/checkstatus', checkStatus),
]
