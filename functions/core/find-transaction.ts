import type { Account } from './account.ts'
import type { Challenge } from './challenge.ts'
import type { Subject } from './find-account.ts'
import type { Ports } from './ports.ts'
import { isTokenSerial } from './registration/code-serials.ts'

/** The challenges of a transaction, which may be over, and whose they are. */
export type Transaction = { account: Account; challenges: Challenge[] }

/** Finds a transaction by nothing but its id. Undefined: there is none, or its account is gone. */
export async function findTransaction(
  ports: Pick<Ports, 'accounts' | 'challenges'>,
  transactionId: string,
): Promise<Transaction | undefined> {
  const stored = await ports.challenges.list(transactionId)
  // what proves or disputes an address of the account is no transaction of a login
  const challenges = stored.filter(({ serial }) => isTokenSerial(serial))
  const account = challenges[0] && (await ports.accounts.get(challenges[0].account))
  return account && { account, challenges }
}

/** Whom the transaction is about: the user, or the token that belongs to nobody. */
export const subjectOf = ({ account, challenges }: Transaction): Subject =>
  account.login === undefined
    ? { serial: challenges[0]!.serial }
    : { who: { login: account.login, realm: account.realm } }
