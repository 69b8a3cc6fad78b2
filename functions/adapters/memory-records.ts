/** Records in Maps, with the same conditions as DynamoDB's: for tests. */
import { dayOf, type AuditRecord, type ChainHead } from '../core/records/audit-record.ts'
import { deliveryKey, type DeliveryRecord } from '../core/records/delivery-record.ts'
import type { FiledRecord, RecordReader, RecordWriter } from '../core/records/record-store.ts'

export function memoryRecords(): RecordReader & RecordWriter {
  let head: ChainHead | undefined
  const chained: FiledRecord[] = []
  const events = new Set<string>()
  const deliveries = new Map<string, DeliveryRecord>()

  const newestFirst = (fits: (record: FiledRecord) => boolean, seq = Infinity) =>
    iterate(
      chained
        .filter((record) => record.filed.seq <= seq && fits(record))
        .toSorted((a, b) => b.filed.seq - a.filed.seq),
    )

  return {
    head: async () => head,
    async append(from, to, records) {
      const known = records.map(({ content }) => content.eventId).filter((id) => events.has(id))
      if (known.length > 0) return { known }
      if (from?.hash !== head?.hash) return 'moved'
      head = to
      for (const record of records) {
        events.add(record.content.eventId)
        chained.push(filed(record))
      }
      return 'appended'
    },
    async addDelivery(record) {
      const key = `${record.transactionId} ${deliveryKey(record)}`
      if (!deliveries.has(key)) deliveries.set(key, structuredClone(record))
    },
    ofDay: (day, seq) => newestFirst((record) => record.filed.day === day, seq),
    about: (about, seq) =>
      newestFirst(
        ({ content: { entry } }) =>
          'user' in about
            ? entry.user === about.user.login && entry.realm === about.user.realm
            : entry.transactionId === about.transactionId,
        seq,
      ),
    deliveries: (of, key) =>
      iterate(
        [...deliveries.values()]
          .filter((one) => key === undefined || deliveryKey(one) < key)
          .filter((one) => {
            if ('day' in of) return dayOf(one.at) === of.day
            if ('transactionId' in of) return one.transactionId === of.transactionId
            return one.user === of.user.login && one.realm === of.user.realm
          })
          .toSorted((a, b) => (deliveryKey(a) < deliveryKey(b) ? 1 : -1)),
      ),
  }
}

const filed = (record: AuditRecord): FiledRecord => ({
  ...structuredClone(record),
  filed: { day: record.content.day, seq: record.content.seq },
})

async function* iterate<T>(items: readonly T[]): AsyncIterable<T> {
  yield* items
}
