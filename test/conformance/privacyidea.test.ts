import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEVIATIONS, deviationsOf } from './deviations.ts'
import { baseline } from './in-force.ts'
import { readRecording, scenariosOf } from './recording.ts'
import { failingList, markdown } from './report.ts'
import { replayAll, type Result } from './run.ts'
import { startWorld, type World } from './world.ts'

const TABLE = fileURLToPath(new URL('../../.github/CONFORMANCE.md', import.meta.url))
const steps = readRecording()

let world: World
let results: Result[]
beforeAll(async () => {
  world = await startWorld(baseline(1))
  results = await replayAll(world, steps)
}, 600_000)
afterAll(() => world?.stop())

describe('the recording of a privacyIDEA server', () => {
  test.each([...scenariosOf(steps).keys()])('%s: reproduced, or different for a reason', (name) => {
    const scenario = results.filter(({ step }) => step.scenario === name)
    const failing = scenario.filter(({ verdict }) => verdict === 'failing')
    expect(failing.length, failingList(failing)).toBe(0)
  })

  test('is replayed as a whole', () => {
    expect(results).toHaveLength(466)
  })

  test('is met by every deviation that is listed', () => {
    const met = new Set(steps.flatMap(deviationsOf))
    expect(DEVIATIONS.filter((deviation) => !met.has(deviation))).toEqual([])
    const names = new Set(steps.map(({ name }) => name))
    const listed = DEVIATIONS.flatMap(({ steps }) => (Array.isArray(steps) ? steps : []))
    expect(listed.filter((name) => !names.has(name))).toEqual([])
  })

  test('is told in .github/CONFORMANCE.md', async () => {
    await expect(markdown(results)).toMatchFileSnapshot(TABLE)
  })
})
