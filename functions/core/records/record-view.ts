/** Records as `/v1` and the command line show them. */
import { type FiledRecord } from './record-store.ts'
import type { DeliveryRecord } from './delivery-record.ts'
import { recordFault } from './verify-chain.ts'

const isoTime = (time: number) => new Date(time).toISOString()

/** An audit record, and whether it is as it was sealed. */
export function auditRecordView(key: Uint8Array, record: FiledRecord) {
  const { content, hash } = record
  const { entry } = content
  return {
    seq: content.seq,
    at: isoTime(entry.at),
    recorded_at: isoTime(content.recordedAt),
    action: entry.action,
    success: entry.success,
    authentication: entry.authentication,
    reason: entry.reason,
    user: entry.user,
    realm: entry.realm,
    serials: entry.serials,
    transaction_id: entry.transactionId,
    administrator: entry.administrator,
    client_ip: entry.clientIp,
    addresses: entry.addresses,
    detail: entry.detail,
    request_id: entry.requestId,
    ms: entry.ms,
    hash,
    sound: recordFault(key, record) === undefined,
  }
}

/** A step of a delivery. */
export const deliveryView = (record: DeliveryRecord) => ({
  at: isoTime(record.at),
  state: record.state,
  transaction_id: record.transactionId,
  serial: record.serial,
  user: record.user,
  realm: record.realm,
  provider: record.provider,
  failure: record.failure,
  reply: record.reply,
  reason: record.reason,
  message_id: record.messageId,
  attempts: record.attempts,
})
