/** Replays the whole recording, scenario by scenario. */
import type { Difference } from './compare.ts'
import { deviationsOf } from './deviations.ts'
import { HIDDEN } from './hidden.ts'
import { inForce, recordedPorts } from './in-force.ts'
import { Mapping } from './mapping.ts'
import { scenariosOf, type Step } from './recording.ts'
import { judge, type Outcome, send } from './replay.ts'
import { type StateWatch, stateWatch } from './state.ts'
import type { World } from './world.ts'

export type Result = {
  step: Step
  verdict: 'reproduced' | 'different' | 'failing'
  /** Why it is meant to be different. */
  reason?: string
  /** What is not as it should be; empty unless failing. */
  differences: Difference[]
  /** A listed deviation that is none. */
  stale?: boolean
  outcome: Outcome
}

export type ReplayOptions = {
  /** Called when a scenario has ended, before the next one resets everything. */
  after?: () => Promise<void>
}

/** Runs the steps, scenario by scenario. */
export async function replayAll(
  world: World,
  steps: Step[],
  { after = async () => {} }: ReplayOptions = {},
): Promise<Result[]> {
  const results: Result[] = []
  const setting = inForce(world)
  for (const group of scenariosOf(steps).values()) {
    await world.reset()
    setting.forget()
    await world.sink.take(0, 0)
    const mapping = new Mapping(recordedPorts(world.sink.port))
    const watch = stateWatch(world, mapping)
    for (const step of group) {
      await setting.apply(step.setup)
      // The recording knows no throttle for wrong PINs, and a replay does not wait.
      await world.forgivePins()
      await HIDDEN[step.name]?.(world, mapping)
      results.push(await replay(world, mapping, watch, step))
    }
    await after()
  }
  return results
}

async function replay(
  world: World,
  mapping: Mapping,
  watch: StateWatch,
  step: Step,
): Promise<Result> {
  const recorded = { answer: step.response, mail: step.mail }
  const deviations = deviationsOf(step)
  const expected = deviations.reduce(
    (patched, { instead }) => instead(patched),
    structuredClone(recorded),
  )
  const outcome = await send(world, mapping, step, expected.mail.length)
  const found = [
    ...judge(expected, outcome, mapping),
    ...(await watch.after(step, outcome, deviations.length > 0)),
  ]
  if (deviations.length === 0) {
    return {
      step,
      verdict: found.length > 0 ? 'failing' : 'reproduced',
      differences: found,
      outcome,
    }
  }
  const stale = judge(recorded, outcome, mapping).length === 0
  const reason = [...new Set(deviations.map(({ reason }) => reason))].join(' ')
  const verdict = stale || found.length > 0 ? 'failing' : 'different'
  return { step, verdict, reason, differences: found, stale, outcome }
}
