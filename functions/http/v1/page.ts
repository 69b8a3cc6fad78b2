/** Lists in pages: a cursor names the last item of the page before. */
import { BadCursorError } from '../../core/records/read-records.ts'
import { MalformedRequestError } from '../errors.ts'
import type { JsonSchema, ReplyDoc } from './operation.ts'
import type { IntegerSchema, TextSchema } from './schema.ts'

/** Items of a page where nobody says how many. */
export const DEFAULT_LIMIT = 100

/** Members of the query of every list. */
export const PAGE_QUERY = {
  cursor: {
    type: 'string',
    maxLength: 2048,
    description: 'The `next_cursor` of the page before.',
  },
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: DEFAULT_LIMIT,
    description: 'Most items of a page.',
  },
} as const satisfies Record<string, TextSchema | IntegerSchema>

/** A page of items below this name; it says whether there is more. */
export const pageDoc = ({
  title,
  description,
  name,
  item,
  example,
}: {
  title: string
  description: string
  name: string
  item: JsonSchema
  /** One item. */
  example: unknown
}): ReplyDoc => ({
  description,
  schema: {
    title,
    type: 'object',
    properties: {
      [name]: { type: 'array', items: item },
      next_cursor: { type: 'string', description: 'Absent on the last page.' },
    },
    required: [name],
  },
  example: { [name]: [example] },
})

/** The items behind the cursor, by key, and the cursor of the next page if there is one. */
export async function pageOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  keyOf: (item: T) => string,
  { cursor, limit = DEFAULT_LIMIT }: { cursor?: string; limit?: number },
): Promise<{ items: T[]; next_cursor?: string }> {
  const after = cursor === undefined ? '' : readCursor(cursor)
  const byKey = (a: T, b: T) => (keyOf(a) < keyOf(b) ? -1 : 1)
  let first: T[] = []
  for await (const item of items) {
    if (keyOf(item) <= after) continue
    first.push(item)
    // So that a list of any length takes the memory of a few pages.
    if (first.length > 4 * limit) first = first.sort(byKey).slice(0, limit + 1)
  }
  const page = first.sort(byKey).slice(0, limit)
  if (first.length <= limit) return { items: page }
  return { items: page, next_cursor: Buffer.from(keyOf(page.at(-1)!)).toString('base64url') }
}

function readCursor(cursor: string): string {
  if (/^[\w-]+$/.test(cursor)) return Buffer.from(cursor, 'base64url').toString()
  throw notOurs()
}

/** For `catch`: a cursor that a search cannot read is the client's fault. */
export function badCursor(error: unknown): never {
  throw error instanceof BadCursorError ? notOurs() : error
}

const notOurs = () => new MalformedRequestError('cursor is not one of ours.', 'cursor')
