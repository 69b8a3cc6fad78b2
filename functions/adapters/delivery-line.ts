/** The line a function logs per step of a delivery, read as a record of the delivery log. */
import {
  DELIVERY_STATES,
  type DeliveryRecord,
  type DeliveryState,
} from '../core/records/delivery-record.ts'
import { optionalText, readLine, textOf } from './record-line.ts'

/** Members that are taken as they are, by their names in the line. */
const TEXTS = {
  transaction_id: 'transactionId',
  user: 'user',
  realm: 'realm',
  provider: 'provider',
  failure: 'failure',
  reply: 'reply',
  reason: 'reason',
  message_id: 'messageId',
} as const satisfies Record<string, keyof DeliveryRecord>

/** The records of a line, one for each token it names; none for a line of any other kind. */
export function deliveryRecords(line: string, eventId: string): DeliveryRecord[] {
  const fields = readLine(line, 'delivery')
  const state = fields && textOf(fields, 'state')
  if (!fields || !isState(state)) return []
  const texts = Object.entries(TEXTS).map(([from, to]) => optionalText(to, textOf(fields, from)))
  const attempts = fields.attempts as DeliveryRecord['attempts']
  // A report tells of what was earlier.
  const reported = Date.parse(String(fields.reported_at))
  const at = Number.isNaN(reported) ? fields.at : reported
  const record = Object.assign({ at, eventId, state }, ...texts) as DeliveryRecord
  const common = { ...record, ...(attempts && attempts.length > 0 ? { attempts } : {}) }
  const serials = [textOf(fields, 'serial') ?? fields.serials ?? []].flat()
  if (serials.length === 0) return [common]
  return serials.map((serial, index) => ({
    ...common,
    eventId: index === 0 ? eventId : `${eventId}.${index}`,
    serial: String(serial),
  }))
}

const isState = (state: string | undefined): state is DeliveryState =>
  DELIVERY_STATES.some((one) => one === state)
