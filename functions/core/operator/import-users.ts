/** Users by the hundred: each row succeeds or is refused on its own, and may come again. */
import { type Field, InvalidArgumentError, readArguments } from './arguments.ts'
import { flag, list, optional, realm, shortText } from './fields.ts'
import {
  accountFor,
  type HowToImport,
  type Met,
  ON_EXISTING,
  type OnExisting,
  type Person,
  putPerson,
  readPerson,
  type RowResult,
  whyNotNew,
  type Written,
} from './import-row.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { importReply } from './import-reply.ts'

export const MOST_ROWS = 200
/** New users of one write: a table under load must not take longer than the write may. */
const MOST_AT_ONCE = 25
/** Rows that are worked on at once. */
const LANES = 10

type Refused = Extract<RowResult, { state: 'refused' }>

const existing: Field<OnExisting> = {
  accepted: `one of ${ON_EXISTING.join(', ')}`,
  read(value) {
    const known = ON_EXISTING.find((each) => each === value)
    return known ? { value: known } : { refused: 'is not known' }
  },
}
const SHAPE = {
  rows: list(1, MOST_ROWS),
  realm: optional(realm),
  enrol: optional(flag),
  without_pin: optional(flag),
  existing: optional(existing),
  strict: optional(flag),
  verified: optional(flag),
  check_domains: optional(flag),
  import: optional(shortText),
}

/**
 * Adds or updates users; with `enrol`, those without a token get one that mails to their own
 * address. The answer has one result per row, in order. `import` names an import: a row of it that
 * comes again, because the answer was lost, gets the result it got at first. With `strict` the first
 * row that is refused ends it, and those behind are `pending`: nothing was done about them. With
 * `verified` the addresses count as proven; with `check_domains` DNS is asked about them.
 */
export const importUsers: Command = async (ports, args) => {
  const { rows, enrol = false, strict = false, ...given } = readArguments(args, SHAPE)
  const how: HowToImport = {
    enrol,
    withoutPin: given.without_pin ?? false,
    existing: given.existing ?? 'update',
    importId: given.import,
    realm: given.realm,
    verified: given.verified ?? false,
    checkDomains: given.check_domains ?? false,
  }
  const written = strict ? await untilRefused(ports, rows, how) : await importRows(ports, rows, how)
  return importReply(ports, written, how)
}

async function untilRefused(ports: OperatorPorts, rows: unknown[], how: HowToImport) {
  const results: Written[] = []
  for (const row of rows) {
    const [written] = await importRows(ports, [row], how)
    results.push(written!)
    if (written!.result.state === 'refused') break
  }
  return rows.map((_, index): Written => results[index] ?? { result: { state: 'pending' } })
}

/** Adds those who are new by as few writes as possible, then sees to each row. */
async function importRows(ports: OperatorPorts, rows: readonly unknown[], how: HowToImport) {
  const settings = await ports.settings.current()
  const read = await Promise.all(
    rows.map((row) => tried(row, () => readPerson(ports, row, how, settings))),
  )
  const groups = Map.groupBy(read.keys(), (index) => {
    const one = read[index]!
    return 'key' in one ? one.key : index
  })
  const met = await addNew(
    ports,
    read.filter((one) => 'key' in one),
    how,
  )
  const results: Written[] = []
  const waiting = groups.values()
  const work = async () => {
    // Rows of one user stay in order; those of different users may go side by side.
    for (const indices of waiting) {
      for (const index of indices) {
        const one = read[index]!
        results[index] =
          'key' in one
            ? await tried(rows[index], () => putPerson(ports, one, how, take(met, one.key)))
            : one
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, work))
  return results
}

/** What became of each who could be added as things are. */
async function addNew(ports: OperatorPorts, people: readonly Person[], how: HowToImport) {
  const first = new Map(people.toReversed().map((person) => [person.key, person]))
  const fresh = [...first.values()].filter((person) => !whyNotNew(person, how))
  const met = new Map<string, Met>()
  for (let start = 0; start < fresh.length; start += MOST_AT_ONCE) {
    const some = fresh.slice(start, start + MOST_AT_ONCE)
    const accounts = some.map((one) => accountFor(one, how, ports.random))
    const before = await ports.accounts.createMany(accounts)
    accounts.forEach((made, index) => {
      const known = before[index]
      met.set(made.key, known ? { before: known } : { made })
    })
  }
  return met
}

/** What is known goes for one row: the next one of that user has to look again. */
function take(met: Map<string, Met>, key: string): Met {
  const known = met.get(key)
  met.delete(key)
  return known
}

async function tried<T>(row: unknown, work: () => Promise<T>): Promise<T | { result: Refused }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    const user = (row as { user?: unknown } | undefined)?.user
    const { parameter, message: reason } = error
    const named = typeof user === 'string' ? { user } : {}
    return { result: { state: 'refused', ...named, parameter, reason } }
  }
}
