/** `/linotp/validate/check_t` and `check_status`: about a transaction, by its id alone. */
import type { Account } from '../../core/account.ts'
import { authenticate, type Decided } from '../../core/authenticate.ts'
import { type ChallengeStatus, checkStatus } from '../../core/check-status.ts'
import { findTransaction, subjectOf as ownerOf } from '../../core/find-transaction.ts'
import type { RejectReason } from '../../core/outcome.ts'
import type { Ports } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import type { Logged } from '../application.ts'
import type { Reply } from '../reply.ts'
import { filled } from '../privacyidea/messages.ts'
import { messagesOf, value } from './envelope.ts'
import { type Login, no } from './validate.ts'
import { partName, subjectOf, type TransactionName, transactionOf } from './validate-attempt.ts'
import { sentMessage } from './validate-view.ts'

/** Answers a challenge by nothing but its transaction. */
export async function checkTransaction(ports: Ports, login: Login): Promise<Reply | Logged> {
  const { parameters, frame, caller, nonce } = login
  const named = transactionOf(parameters)
  const pass = parameters.text('pass')
  if (!named || pass === undefined) return no(frame)
  const transaction = await findTransaction(ports, named.transactionId)
  if (!transaction) {
    const { profile } = await ports.settings.current()
    return profile === 'hardened' ? no(frame) : noChallenge(login, named)
  }

  const decided = await authenticate(ports, {
    ...ownerOf(transaction),
    ...named,
    pass,
    nonce,
    caller,
  })
  const { profile } = await ports.settings.current()
  return { outcome: decided, reply: transactionReply(login, named, decided, profile) }
}

function transactionReply(
  login: Login,
  named: TransactionName,
  decided: Decided,
  profile: Settings['profile'],
): Reply {
  if (profile === 'hardened' && decided.outcome !== 'accepted') return no(login.frame)
  return GONE.has(reasonOf(decided)) ? noChallenge(login, named) : answered(login, decided)
}

const reasonOf = (decided: Decided) => (decided.outcome === 'rejected' ? decided.reason : undefined)

/** There is nothing left to answer. */
const GONE = new Set<RejectReason | undefined>(['unknown', 'other_application', 'used', 'replayed'])

function noChallenge({ frame }: Login, { transactionId }: TransactionName): Reply {
  const result = { value: false, failcount: 0 }
  const failure = filled(messagesOf(frame).noChallenge, { transaction: transactionId })
  return value(result, { detail: { value: false, failure } }, frame)
}

function answered({ frame }: Login, decided: Decided): Reply {
  const { account } = decided
  const accepted = decided.outcome === 'accepted'
  const serial = accepted
    ? decided.serial
    : decided.outcome === 'rejected'
      ? decided.serials[0]
      : ''
  const result = { value: accepted, failcount: failcountAfter(account, serial, decided) }
  const token = account?.tokens[serial ?? '']
  const named = token ? { token_type: token.type ?? 'email', serial: token.serial } : {}
  return value(result, { detail: { ...result, ...named } }, frame)
}

/** A right answer clears the failures of its token; a wrong one or a late one is one more. */
function failcountAfter(
  account: Account | undefined,
  serial: string | undefined,
  decided: Decided,
) {
  const before = account?.tokens[serial ?? '']?.failcount ?? 0
  if (decided.outcome === 'accepted') return 0
  const reason = reasonOf(decided)
  return reason === 'wrong' || reason === 'closed' ? before + 1 : before
}

/** How a transaction stands, for who knows the PIN; asked by clients that wait for an answer. */
export async function transactionStatus(ports: Ports, login: Login): Promise<Reply> {
  const { parameters, frame, caller } = login
  const named = transactionOf(parameters)
  const pass = parameters.text('pass')
  if (!named || pass === undefined) return no(frame)
  const settings = await ports.settings.current()
  const subject = subjectOf(parameters, settings) ?? {}
  const seen = await checkStatus(ports, { ...named, pass, subject, caller })
  if (!seen) return no(frame)
  const message = sentMessage(messagesOf(frame), settings)
  const transactions = Object.fromEntries(
    seen.map((one) => [nameOf(one, named), statusView(one, message)]),
  )
  return value(true, { id: 0, detail: { transactions } }, frame)
}

/** One of several has its number behind the transaction, as the client was told. */
const nameOf = ({ part }: ChallengeStatus, { transactionId }: TransactionName): string =>
  part === undefined ? transactionId : partName(transactionId, part)

const statusView = ({ serial, answers, answered, open }: ChallengeStatus, message: string) => ({
  received_count: answers,
  received_tan: answers > 0,
  valid_tan: answered,
  message,
  status: open ? 'open' : 'closed',
  token: { serial, type: 'email' },
})
