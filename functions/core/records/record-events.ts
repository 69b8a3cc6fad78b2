import type { SettingsSource } from '../ports.ts'
import { appendAudit, type AppendPorts, type AuditEvent } from './append-audit.ts'
import type { ChainEnd } from './audit-record.ts'
import type { DeliveryRecord } from './delivery-record.ts'
import type { RecordWriter } from './record-store.ts'

export type RecordPorts = Omit<AppendPorts, 'records' | 'key' | 'retentionDays'> & {
  records: RecordWriter
  keyring: { key(purpose: 'audit'): Promise<Uint8Array> }
  settings: SettingsSource
}

export type Recorded = {
  /** Where the chain ends; undefined: nothing was new. */
  end?: Pick<ChainEnd, 'seq' | 'hash'>
  deliveries: number
}

const DAY_SECONDS = 86_400

/** Keeps what the functions have logged of their acts and deliveries, each once. */
export async function recordEvents(
  ports: RecordPorts,
  audit: readonly AuditEvent[],
  deliveries: readonly DeliveryRecord[],
): Promise<Recorded> {
  const settings = await ports.settings.current()
  const keptUntil = ({ at }: DeliveryRecord) =>
    Math.ceil(at / 1000) + settings['delivery_log.retention_days'] * DAY_SECONDS
  await Promise.all(deliveries.map((one) => ports.records.addDelivery(one, keptUntil(one))))
  if (audit.length === 0) return { deliveries: deliveries.length }
  const key = await ports.keyring.key('audit')
  const retentionDays = settings['audit.retention_days']
  const end = await appendAudit({ ...ports, key, retentionDays }, audit)
  return {
    deliveries: deliveries.length,
    ...(end ? { end: { seq: end.seq, hash: end.hash } } : {}),
  }
}
