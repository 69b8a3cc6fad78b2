/** Where a secret could have been left. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { clients } from '../../lib/local/clients.ts'
import type { Bench } from './bench.ts'

/** Everything the stack wrote down, by the place. */
export async function places(bench: Bench): Promise<Record<string, string[]>> {
  const { world, queued } = bench
  return {
    log: world.lines.map(({ text }) => text),
    tables: await items(bench),
    queue: [
      ...queued,
      ...[...world.stack.queues.values()].flatMap(({ messages }) =>
        messages.map((one) => JSON.stringify(one)),
      ),
    ],
    files: await files(bench),
  }
}

/** The tables, item by item, as the endpoint gives them. */
async function items({ world }: Bench): Promise<string[]> {
  const { dynamodb } = clients(world.stack.endpoint)
  const { tokens, challenges, records } = world.stack.describe().tables
  const found: string[] = []
  for (const TableName of [tokens, challenges, records]) {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }))
    found.push(...Items.map((item) => JSON.stringify(item)))
  }
  return found
}

/** Every file the stack keeps, but for the mailbox, the parameters and its key service's keys. */
async function files({ data }: Bench): Promise<string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const kept = entries.filter(
    (entry) =>
      entry.isFile() &&
      !entry.parentPath.startsWith(join(data, 'mail')) &&
      !['parameters.json', 'keys.json'].includes(entry.name),
  )
  return Promise.all(kept.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
}
