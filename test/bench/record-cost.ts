/**
 * What is written of a login behind it: by `delivery-events` and by `record`. The lines are those of a
 * login in memory; the writes are counted as DynamoDB bills them, since the embedded engine does not
 * say what a transaction costs.
 */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { auditEntry } from '../../functions/adapters/audit-line.ts'
import { deliveryRecords } from '../../functions/adapters/delivery-line.ts'
import { dynamoRecords } from '../../functions/adapters/dynamo-records.ts'
import { jsonLog } from '../../functions/adapters/json-log.ts'
import { takeDeliveryEvent } from '../../functions/core/delivery-event.ts'
import { recordEvents } from '../../functions/core/records/record-events.ts'
import { application } from '../../functions/http/application.ts'
import { VALIDATE_ROUTES } from '../../functions/http/privacyidea/validate-routes.ts'
import { answer, notFound } from '../../functions/http/privacyidea/wire.ts'
import { httpClient } from '../support/http.ts'
import { createWorld } from '../support/world.ts'

/** What one login takes there. `most`: each line comes by itself; `least`: with many others. */
export type RecordCost = { most: RecordUnits; least: RecordUnits }
export type RecordUnits = {
  writeUnits: number
  readUnits: number
  /** Invocations of `record`; `delivery-events` comes once besides. */
  invocations: number
}

/** Logins that are recorded together where there are many. */
const TOGETHER = 20

/** Write units of the note that a report leaves at its challenge. */
export const NOTE_UNITS = 1
/** What SES reports of a mail that arrives: `Delivery`. */
export const REPORTS = 1

/** Has one login recorded line by line, and many at once. */
export async function recordCost(): Promise<RecordCost> {
  const lines = await linesOfLogin()
  const most = await recorded(lines.map((line) => [line]))
  const many = Array.from({ length: TOGETHER }, () => lines).flat()
  // one log group passes what is its own: requests, mails and reports come apart
  const groups = Map.groupBy(many, (line) => String(JSON.parse(line).message))
  const { writeUnits, readUnits, invocations } = await recorded([...groups.values()])
  const share = (sum: number) => sum / TOGETHER
  const least = {
    writeUnits: share(writeUnits),
    readUnits: share(readUnits),
    invocations: share(invocations),
  }
  return { most, least }
}

/** What the functions log of one login that is to be recorded. */
async function linesOfLogin(): Promise<string[]> {
  const world = createWorld({ settings: { 'email.delivery_wait': '0' } })
  const lines: string[] = []
  const log = jsonLog({ now: world.now, level: () => 'info', write: (line) => lines.push(line) })
  Object.assign(world.ports, { log })
  Object.assign(world.deliverPorts, { log })
  await world.enrol(await world.addUser('alice'))
  const routes = (request: Parameters<typeof answer>[2]) =>
    answer(VALIDATE_ROUTES, world.ports, request)
  const send = httpClient(application(world.ports, [routes], notFound))
  const asked = await send('/validate/check', { form: { user: 'alice', pass: '1234' } })
  const { transaction_id, serial } = asked.json.detail
  await takeDeliveryEvent(
    { ...world.ports, log },
    {
      about: { transactionId: transaction_id, serial },
      ...{ state: 'delivered', permanent: false, at: world.now(), to: 'alice@example.org' },
      messageId: '0100019a5f8e1234-12345678-1234-1234-1234-123456789012-000000',
      words: '250 2.0.0 OK 1795223779 af79cd13be357-8b2a1c2d3e4si123456785a.123 - gsmtp',
    },
  )
  const form = { user: 'alice', pass: world.lastCode(), transaction_id }
  const { json } = await send('/validate/check', { form })
  if (json.result.authentication !== 'ACCEPT') throw new Error(JSON.stringify(json))
  return lines.filter((line) => line.includes('"record":'))
}

/** Passes batches of lines to `record`. */
async function recorded(batches: readonly string[][]): Promise<RecordUnits> {
  const { ports } = createWorld()
  const counted = meteredRecords()
  const records = dynamoRecords(counted.client, 'records')
  let id = 0
  for (const batch of batches) {
    // as long as CloudWatch's own ids are
    const events = batch.map((line) => ({ eventId: String(++id).padStart(56, '3'), line }))
    const audit = events.flatMap(({ eventId, line }) => {
      const entry = auditEntry(line)
      return entry ? [{ eventId, entry }] : []
    })
    const deliveries = events.flatMap(({ eventId, line }) => deliveryRecords(line, eventId))
    await recordEvents({ ...ports, records }, audit, deliveries)
  }
  return { ...counted.units, invocations: batches.length }
}

type Item = Record<string, unknown>
type Put = { Item: Item }

/** A client that keeps the head of the chain, and counts. Every other item is new. */
function meteredRecords() {
  const units = { writeUnits: 0, readUnits: 0 }
  let head: Item | undefined
  const put = ({ Item: item }: Put, times: number) => {
    if (item.sk === 'head') head = item
    units.writeUnits += times * unitsOf(item) + indexesOf(item) * unitsOf(item)
  }
  const send = async ({ input }: { input: Partial<Put> & { TransactItems?: { Put: Put }[] } }) => {
    // a transaction writes each item twice, its copies in indexes once
    if (input.TransactItems) for (const { Put } of input.TransactItems) put(Put, 2)
    else if (input.Item) put({ Item: input.Item }, 1)
    else {
      units.readUnits++
      return { Item: head }
    }
    return {}
  }
  return { units, client: { send } as unknown as DynamoDBDocumentClient }
}

const indexesOf = (item: Item) => ['user_key', 'group_key'].filter((name) => name in item).length

/** A unit is a kilobyte that was begun, with the names of the attributes. */
const unitsOf = (item: Item) => {
  const sizes = Object.entries(item).map(([name, value]) => name.length + sizeOf(value))
  return Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1024)
}

const sizeOf = (value: unknown) =>
  typeof value === 'string' ? Buffer.byteLength(value) : Math.ceil(String(value).length / 2) + 1
