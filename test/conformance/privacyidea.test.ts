import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { baseline } from './in-force.ts'
import { readRecording } from './recording.ts'
import { failingList } from './report.ts'
import { replayAll, type Result } from './run.ts'
import { startWorld, type World } from './world.ts'

let world: World
let results: Result[]
beforeAll(async () => {
  world = await startWorld(baseline(1))
  const began = performance.now()
  results = await replayAll(world, readRecording(), (name) =>
    name.startsWith(process.env.ONLY ?? ''),
  )
  console.log(`${results.length} steps in ${Math.round(performance.now() - began)} ms`)
}, 300_000)
afterAll(() => world?.stop())

test('every recorded step is reproduced, or listed with a reason', () => {
  writeFileSync('/tmp/conformance.txt', failingList(results))
  expect(results.filter(({ verdict }) => verdict === 'failing').length).toBe(0)
})
