/** What listings of users and tokens share: pages. */
import type { Option, Options } from '../command.ts'
import { numberOption, textOption } from '../options.ts'
import { call, type Target } from '../target.ts'

export const PAGE_OPTIONS: Record<string, Option> = {
  limit: { value: '<n>', about: 'how many to show (100)' },
  after: { value: '<key>', about: 'where to go on: what the listing before ended with' },
}

export type Listing<Item> = { items: Item[]; next?: string | undefined }

const USUAL_LIMIT = 100
const MOST_AT_ONCE = 200

/** Reads pages of a listing until there are as many items as were asked for. */
export async function readListing<Item>(
  target: Target,
  command: 'user.list' | 'token.list' | 'address.list',
  args: object,
  options: Options,
): Promise<Listing<Item>> {
  const wanted = numberOption(options, 'limit') ?? USUAL_LIMIT
  const items: Item[] = []
  let next = textOption(options, 'after')
  do {
    const limit = Math.max(1, Math.min(wanted - items.length, MOST_AT_ONCE))
    const page = await call<Record<string, unknown>>(target, command, {
      ...args,
      limit,
      after: next,
    })
    items.push(...((page.users ?? page.tokens ?? page.addresses) as Item[]))
    next = page.next as string | undefined
  } while (next !== undefined && items.length < wanted)
  return { items, next }
}

/** The line under a listing that is not the whole. */
export const moreHint = (next: string | undefined) =>
  next === undefined ? '' : `\nThere are more: --after '${next}'\n`
