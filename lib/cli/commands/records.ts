/** What listings of the audit and of deliveries share. */
import type { Invocation, Option } from '../command.ts'
import { readMoment } from '../moment.ts'
import { numberOption, textOption, textOptions } from '../options.ts'
import { call, type Target } from '../target.ts'

export const PERIOD_OPTIONS: Record<string, Option> = {
  from: {
    value: '<time>',
    about: 'the earliest: 2026-11-21, 2026-11-21T12:00:00Z, or 12h, 7d ago',
  },
  to: { value: '<time>', about: 'the latest (now)' },
}

export const ABOUT_OPTIONS: Record<string, Option> = {
  user: { value: '<name>', about: 'only those about this user' },
  realm: { value: '<name>', about: "the user's realm" },
  transaction: { value: '<id>', about: 'only those of this transaction_id' },
}

/** The arguments that all listings take, out of their options. */
export function commonArguments({ options, io }: Pick<Invocation, 'options' | 'io'>) {
  const period = ['from', 'to'].flatMap((name) => {
    const text = textOption(options, name)
    return text === undefined ? [] : [[name, readMoment(name, text, io.now())] as const]
  })
  const transaction = textOption(options, 'transaction')
  return {
    ...textOptions(options, ['user', 'realm']),
    ...(transaction === undefined ? {} : { transaction_id: transaction }),
    ...Object.fromEntries(period),
  }
}

export type RecordPage<Item> = { items: Item[]; next: string | undefined }

const USUAL_LIMIT = 100
const MOST_AT_ONCE = 500

/** Pages of a listing, one after the other, until there are as many items as were asked for. */
export async function* pagesOf<Item>(
  target: Target,
  command: 'audit.list' | 'audit.export' | 'deliveries.list',
  args: object,
  { wanted, after }: { wanted: number; after?: string | undefined },
): AsyncIterable<RecordPage<Item>> {
  let found = 0
  let next = after
  do {
    const limit = Math.max(1, Math.min(wanted - found, MOST_AT_ONCE))
    const page: Record<string, unknown> = await call(target, command, {
      ...args,
      limit,
      after: next,
    })
    const items = (page.records ?? page.deliveries) as Item[]
    found += items.length
    next = page.next as string | undefined
    yield { items, next }
  } while (next !== undefined && found < wanted)
}

/** As many items as the options ask for, and where to go on. */
export async function readRecords<Item>(
  target: Target,
  command: 'audit.list' | 'deliveries.list',
  args: object,
  { options }: Pick<Invocation, 'options'>,
): Promise<RecordPage<Item>> {
  const wanted = numberOption(options, 'limit') ?? USUAL_LIMIT
  const items: Item[] = []
  let next: string | undefined
  const start = { wanted, after: textOption(options, 'after') }
  for await (const page of pagesOf<Item>(target, command, args, start)) {
    items.push(...page.items)
    next = page.next
  }
  return { items, next }
}
