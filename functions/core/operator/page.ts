import type { Account } from '../account.ts'
import type { AccountScan } from './ports.ts'

export type PageOptions = { after?: string | undefined; limit?: number | undefined }
export type Page<Item> = {
  items: Item[]
  /** Where the next page starts; absent on the last one. */
  next?: string
}

const USUAL_LIMIT = 100
/** Keeps a command within its time when hardly any account fits. */
const MOST_ACCOUNTS = 5000

/**
 * The next items of all accounts. Ends with the account that fills the page, and early when many
 * accounts had nothing to show: a page may be short, even empty, and still have a `next`.
 */
export async function readPage<Item>(
  scan: AccountScan,
  { after, limit = USUAL_LIMIT }: PageOptions,
  itemsOf: (account: Account) => Item[],
): Promise<Page<Item>> {
  const items: Item[] = []
  let looked = 0
  let last: string | undefined
  for await (const account of scan(after)) {
    // Known only now that the page before was not the end.
    if (last !== undefined && (items.length >= limit || looked >= MOST_ACCOUNTS)) {
      return { items, next: last }
    }
    items.push(...itemsOf(account))
    looked++
    last = account.key
  }
  return { items }
}
