/** The audit as the wires search it: the newest records that fit, each checked by its seal. */
import { AUDIT_WINDOW, type AuditLog } from '../core/audit.ts'
import type { Clock, Keyring } from '../core/ports.ts'
import { searchAudit } from '../core/records/read-records.ts'
import type { RecordReader } from '../core/records/record-store.ts'
import { recordFault } from '../core/records/verify-chain.ts'

/** Pages a search goes through, at most; what is older is then not looked at. */
const MOST_PAGES = 8

export function recordsAudit(ports: {
  records: RecordReader
  keyring: Keyring
  now: Clock
}): AuditLog {
  return {
    async find(filter, limit) {
      const key = await ports.keyring.key('audit')
      const { user, realm } = filter
      const isExact = user !== undefined && realm !== undefined && !`${user}${realm}`.includes('*')
      const to = filter.to ?? ports.now()
      const wanted = { ...filter, to, from: filter.from ?? to - AUDIT_WINDOW }
      const who = isExact ? { login: user, realm } : undefined
      const found = []
      let cursor: string | undefined
      for (let page = 0; page < MOST_PAGES && found.length < limit; page += 1) {
        const options = { limit: limit - found.length, cursor }
        const { items, next } = await searchAudit(ports, { ...wanted, who }, options)
        found.push(...items)
        cursor = next
        if (next === undefined) break
      }
      return found
        .map((record) => ({
          ...record.content.entry,
          signature: recordFault(key, record) ? ('FAIL' as const) : ('OK' as const),
        }))
        .toSorted((a, b) => b.at - a.at)
    },
  }
}
