import { addressTraces } from '../registration/address-trace.ts'
import type { HowToImport, Written } from './import-row.ts'
import type { OperatorPorts } from './ports.ts'
import type { AddressChange, Done } from './reply.ts'

/**
 * What rows came to. The audit gets one record of them all, which names the import as each account
 * does that it wrote to, and one for everybody whose address gave way to another one.
 */
export async function importReply(
  ports: OperatorPorts,
  written: readonly Written[],
  { importId }: HowToImport,
): Promise<Done> {
  const rows = written.map(({ result }) => result)
  const changes = await Promise.all(written.map((one) => changeOf(ports, one)))
  return {
    ok: true,
    value: { rows },
    detail: detailOf(written, importId),
    changes: changes.filter((change) => change !== undefined),
  }
}

async function changeOf(
  ports: OperatorPorts,
  { result, replaced }: Written,
): Promise<AddressChange | undefined> {
  if (!replaced || !('realm' in result)) return undefined
  const { user, realm } = result
  return { user, realm, addresses: await addressTraces(ports, replaced.old, replaced.fresh) }
}

/** `import 4f1c…: 97 added, 3 refused`. */
function detailOf(written: readonly Written[], importId: string | undefined): string {
  const states = Map.groupBy(written, ({ result }) => result.state)
  const counts = [...states].map(([state, { length }]) => `${length} ${state}`)
  const enrolled = written.filter(({ result }) => 'serial' in result).length
  const all = [...counts, ...(enrolled > 0 ? [`${enrolled} enrolled`] : [])]
  return `import${importId === undefined ? '' : ` ${importId}`}: ${all.join(', ')}`
}
