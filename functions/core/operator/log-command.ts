import type { OperatorPorts } from './ports.ts'
import type { Done, Reply } from './reply.ts'

export type Commanded = {
  command: string
  /** What the caller says their IAM access key is; CloudTrail knows better, by the request's id. */
  caller: unknown
  reply: Reply
  /** Unix time in milliseconds. */
  began: number
  requestId?: string | undefined
}

/**
 * Logs a command for the audit. Whom it was about is taken from what it has found or made, never
 * from its arguments: people type PINs anywhere.
 */
export function logCommand(ports: Pick<OperatorPorts, 'log' | 'now'>, commanded: Commanded): void {
  const { command, caller, reply, began, requestId } = commanded
  const line = (fields: object) =>
    ports.log('info', 'command', {
      record: 'audit',
      ...(requestId === undefined ? {} : { request_id: requestId }),
      command,
      status: reply.ok ? 200 : 400,
      ...fields,
      actor: { username: nameOf(caller), role: 'operator' },
      ms: ports.now() - began,
    })
  line(reply.ok ? toldOf(reply) : { reason: reply.error.code })
  if (reply.ok) for (const change of reply.changes ?? []) line(change)
}

const toldOf = ({ value, addresses, detail }: Done) => ({
  ...targetOf(value),
  ...(addresses ? { addresses } : {}),
  ...(detail === undefined ? {} : { detail }),
})

/** An access key id is no secret; what has not the form of one might be anything. */
const nameOf = (caller: unknown) =>
  typeof caller === 'string' && /^[A-Z0-9]{16,32}$/.test(caller) ? `operator ${caller}` : 'operator'

function targetOf(value: unknown) {
  const { user, realm, serial } = Object(value) as Record<string, unknown>
  return {
    ...(typeof user === 'string' && typeof realm === 'string' ? { user, realm } : {}),
    ...(typeof serial === 'string' ? { serial } : {}),
  }
}
