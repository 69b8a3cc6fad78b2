import middy from '@middy/core'
import type { CloudWatchLogsEvent } from 'aws-lambda'
import { auditEntry } from './adapters/audit-line.ts'
import { deliveryRecords } from './adapters/delivery-line.ts'
import { logEvents } from './adapters/logs-event.ts'
import { composeRecord } from './compose.ts'
import { recordEvents } from './core/records/record-events.ts'

const ports = composeRecord()

/**
 * Milliseconds between two lines that say where the chain ends: in the log, whoever can write the
 * table cannot change it. With every batch they would be a third of what a login writes.
 */
const ANCHOR_EVERY = 600_000
let anchoredAt = 0

/**
 * Keeps what the other functions have logged of acts and deliveries. Fails as a whole, and Lambda
 * passes the same lines again: none is then recorded twice.
 */
export const handler = middy(async (event: CloudWatchLogsEvent): Promise<void> => {
  const lines = logEvents(event)
  const audit = lines.flatMap(({ id, message }) => {
    const entry = auditEntry(message)
    return entry ? [{ eventId: id, entry }] : []
  })
  const deliveries = lines.flatMap(({ id, message }) => deliveryRecords(message, id))
  const { end } = await recordEvents(ports, audit, deliveries)
  if (end && ports.now() - anchoredAt >= ANCHOR_EVERY) {
    anchoredAt = ports.now()
    ports.log('info', 'audit recorded', end)
  }
})
