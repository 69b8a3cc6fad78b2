/** Replays the whole recording, scenario by scenario. */
import type { Difference } from './compare.ts'
import { DEVIATIONS } from './deviations.ts'
import { inForce } from './in-force.ts'
import { Mapping } from './mapping.ts'
import { scenariosOf, type Step } from './recording.ts'
import { judge, type Outcome, send } from './replay.ts'
import { readSetup } from './setup.ts'
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

/** Runs all steps of the scenarios that are chosen. */
export async function replayAll(
  world: World,
  steps: Step[],
  chosen: (scenario: string) => boolean = () => true,
): Promise<Result[]> {
  const results: Result[] = []
  const setting = inForce(world)
  for (const [scenario, group] of scenariosOf(steps)) {
    if (!chosen(scenario)) continue
    await world.reset()
    setting.forget()
    await world.sink.take(0, 0)
    const mapping = new Mapping()
    for (const step of group) {
      await setting.apply(readSetup(step.setup))
      results.push(await replay(world, mapping, step))
    }
  }
  return results
}

async function replay(world: World, mapping: Mapping, step: Step): Promise<Result> {
  const recorded = { answer: step.response, mail: step.mail }
  const deviation = DEVIATIONS.find(({ steps }) => steps.includes(step.name))
  const expected = deviation ? deviation.instead(structuredClone(recorded)) : recorded
  const outcome = await send(world, mapping, step, expected.mail.length)
  const found = judge(expected, outcome, mapping)
  if (!deviation) {
    return { step, verdict: found.length > 0 ? 'failing' : 'reproduced', differences: found, outcome }
  }
  const stale = judge(recorded, outcome, mapping).length === 0
  const { reason } = deviation
  const verdict = stale || found.length > 0 ? 'failing' : 'different'
  return { step, verdict, reason, differences: found, stale, outcome }
}
