/** Fills a fresh stack with the demo's users, through the operator's function. */
import { readState, writeState } from './state.ts'
import { STAGE } from './synth.ts'
import type { InvokeFunction } from './wiring.ts'

type OperatorReply = { ok: true } | { ok: false; error: { message: string } }

/** Seeds unless an earlier run has. Throws with the operator's words when it refuses. */
export async function seedOnce(
  invoke: InvokeFunction,
  statePath: string | undefined,
): Promise<void> {
  const state = readState(statePath)
  if (state.seeded) return
  const reply = (await invoke(`otpost-${STAGE}-operator`, { command: 'seed' })) as OperatorReply
  if (!reply.ok) throw new Error(`The demo's users could not be made: ${reply.error.message}`)
  writeState(statePath, { ...state, seeded: true })
}
