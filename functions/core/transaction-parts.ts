/** The challenges of one transaction, as clients may name them one by one. */
import type { Account, OpenChallenge } from './account.ts'

/** Those the account still knows, in the order of their serials: what numbers them. */
const entriesOf = (account: Account, transactionId: string): OpenChallenge[] =>
  account.open
    .filter((one) => one.transactionId === transactionId)
    .toSorted((a, b) => (a.serial < b.serial ? -1 : 1))

/** All challenges of a transaction, or the one with that number, counted from 1. */
export function partOf(
  account: Account,
  transactionId: string,
  part: number | undefined,
): OpenChallenge[] {
  const entries = entriesOf(account, transactionId)
  return part === undefined ? entries : entries.slice(part - 1, part)
}

/** The number of a token's challenge in its transaction, from 1; 0: the account does not know it. */
export const partNumber = (account: Account, transactionId: string, serial: string): number =>
  entriesOf(account, transactionId).findIndex((one) => one.serial === serial) + 1

/** Whether a transaction has more than one challenge. */
export const hasParts = (account: Account, transactionId: string): boolean =>
  entriesOf(account, transactionId).length > 1
