import type { auditRecordView } from '../../../functions/core/records/record-view.ts'
import type { ChainFault, Verified } from '../../../functions/core/records/verify-chain.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../errors.ts'
import { textOption, textOptions } from '../options.ts'
import { call } from '../target.ts'
import { table } from '../text.ts'
import { moreHint, PAGE_OPTIONS } from './listing.ts'
import { ABOUT_OPTIONS, commonArguments, pagesOf, PERIOD_OPTIONS, readRecords } from './records.ts'

type AuditRecord = ReturnType<typeof auditRecordView>

const list: Command = {
  path: ['audit', 'list'],
  about: 'Lists who did what, newest first.',
  options: {
    ...ABOUT_OPTIONS,
    serial: { value: '<serial>', about: 'only those about this token' },
    client: { value: '<address>', about: 'only those that came from there' },
    action: { value: '<text>', about: "only these, such as 'POST /validate/*'" },
    admin: { value: '<name>', about: 'only those of this administrator' },
    success: { value: '<yes|no>', about: 'only what was done, or only what was refused' },
    ...PERIOD_OPTIONS,
    ...PAGE_OPTIONS,
  },
  notes:
    'Without --user, --transaction or --from: those of the last 24 hours. A * in a serial, client,\n' +
    'action or administrator stands for any characters.',
  examples: [
    'npx otpost audit list --user alice --from 7d --stage prod',
    "npx otpost audit list --action 'operator *' --success no --from 30d --stage prod --json",
  ],
  async run(invocation) {
    const { options } = invocation
    const administrator = textOption(options, 'admin')
    const success = textOption(options, 'success')
    if (success !== undefined && !['yes', 'no'].includes(success)) {
      throw new UsageError('--success takes yes or no.')
    }
    const args = {
      ...commonArguments(invocation),
      ...textOptions(options, ['serial', 'client', 'action']),
      ...(administrator === undefined ? {} : { administrator }),
      ...(success === undefined ? {} : { success: success === 'yes' }),
    }
    const target = await invocation.target()
    const { items, next } = await readRecords<AuditRecord>(target, 'audit.list', args, invocation)
    return { value: { records: items, next }, text: auditTable(items) + moreHint(next) }
  },
}

const auditTable = (records: readonly AuditRecord[]) =>
  table(
    ['TIME', 'ACTION', 'USER', 'RESULT', 'TOKEN', 'BY', 'FROM', 'SEAL'],
    records.map((record) => [
      record.at,
      record.action,
      record.user === undefined ? undefined : `${record.user}@${record.realm}`,
      resultOf(record),
      record.serials.join(' '),
      record.administrator,
      record.client_ip,
      record.sound ? 'ok' : 'BROKEN',
    ]),
  )

function resultOf({ authentication, success, reason }: AuditRecord): string {
  const result = authentication?.toLowerCase() ?? (success ? 'done' : 'refused')
  return reason === undefined ? result : `${result}: ${reason}`
}

const exportAll: Command = {
  path: ['audit', 'export'],
  about: 'Prints records with their seals, newest first, one JSON document a line.',
  options: PERIOD_OPTIONS,
  examples: [
    'npx otpost audit export --from 2026-11-01 --stage prod > audit.jsonl',
    'npx otpost audit export --from 7d --to 2026-11-21 --stage prod',
  ],
  async run(invocation) {
    const args = commonArguments(invocation)
    const pages = pagesOf<object>(await invocation.target(), 'audit.export', args, {
      wanted: Number.MAX_SAFE_INTEGER,
    })
    let records = 0
    for await (const { items } of pages) {
      records += items.length
      if (items.length > 0)
        invocation.io.out(items.map((one) => `${JSON.stringify(one)}\n`).join(''))
    }
    return { value: { records }, text: '' }
  },
}

const verify: Command = {
  path: ['audit', 'verify'],
  about: 'Walks the chain of records: none was changed, removed, moved or added.',
  options: PERIOD_OPTIONS,
  notes:
    'The exit code is 1 when the chain is broken. Keep what it prints elsewhere: the chain of later\n' +
    'goes through the same record with the same seal. Records that have expired are not asked for.',
  examples: [
    'npx otpost audit verify --stage prod',
    'npx otpost audit verify --from 30d --stage prod --json',
  ],
  async run(invocation) {
    const target = await invocation.target()
    const args = commonArguments(invocation)
    let checked = 0
    let head: { seq: number; hash: string } | undefined
    let at: object | undefined
    for (;;) {
      const found = await call<Verified>(target, 'audit.verify', { ...args, at })
      checked += found.checked
      if (!found.sound) {
        const { seq, fault } = found
        const value = { sound: false, checked, seq, fault }
        return { value, text: `BROKEN: ${FAULTS[fault](seq)} ${checked} sound.\n`, failed: true }
      }
      head ??= found.head
      at = found.next
      if (at === undefined) break
    }
    const end = head === undefined || head.seq === 0 ? {} : { seq: head.seq, hash: head.hash }
    const upTo = 'seq' in end ? `, up to record ${end.seq} with the seal ${end.hash}` : ''
    return { value: { sound: true, checked, ...end }, text: `OK: ${checked} records${upTo}.\n` }
  },
}

const FAULTS: Readonly<Record<ChainFault, (seq: number) => string>> = {
  head: () => 'the end of the chain was changed or removed.',
  truncated: (seq) => `the newest records are gone, up to record ${seq}.`,
  missing: (seq) => `record ${seq} is gone.`,
  changed: (seq) => `record ${seq} was changed.`,
  misplaced: (seq) => `another record is in the place of record ${seq}.`,
  added: (seq) => `a record ${seq} was added that was never recorded.`,
}

export const AUDIT_COMMANDS = [list, exportAll, verify]
