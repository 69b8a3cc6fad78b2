/** Replays every recorded request and looks for what was typed and mailed, wherever it must not be. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secrets } from '../stack/support-secrets.ts'
import { baseline } from './in-force.ts'
import { readRecording } from './recording.ts'
import { replayAll, type Result } from './run.ts'
import { MARK, secretPassword, withSecrets } from './secret-steps.ts'
import { itemsOf } from './tables.ts'
import { startWorld, type World } from './world.ts'

/** The seeds the recorded tokens were enrolled with. */
const SEEDS = [
  '3132333435363738393031323334353637383930',
  '3132333435363738393031323334353637383931',
]

/** Times in microseconds and ids, in which six digits may be those of a code. */
const OTHER_DIGITS = /\d\d:\d\d:\d\d\.\d+|\d+\.\d+|\d{7,}/g

let world: World
let results: Result[]
const items: string[] = []
const sent: string[] = []

beforeAll(async () => {
  world = await startWorld(baseline(1), secretPassword)
  const see = (body: Record<string, unknown>) => {
    sent.push(JSON.stringify(body))
    return false
  }
  world.stack.faults.add({ service: 'sqs', effect: 'reset', match: see }, Infinity)
  const steps = readRecording().map(withSecrets)
  results = await replayAll(world, steps, {
    async after() {
      for (const table of world.tables) {
        for (const item of await itemsOf(world.dynamo, table)) items.push(text(item))
      }
    },
  })
}, 600_000)
afterAll(() => world?.stop())

/** Bytes as text too: a PIN in a blob is a PIN. */
const text = (item: unknown) =>
  JSON.stringify(item, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  )

const places = (): [string, string[]][] => [
  ['answers', results.map(({ outcome }) => JSON.stringify(outcome.answer))],
  ['log lines', world.lines],
  ['stored items', items],
  ['queue messages', sent],
]

/** The texts that hold one of the secrets. */
const holding = (texts: string[], secrets: Secrets) =>
  texts.filter((one) => secrets.findIn(one).length > 0)

describe('over all recorded requests', () => {
  test('there is something to find: codes were mailed, and logins happened', () => {
    const accepted = results.filter(({ outcome }) =>
      outcome.answer.text.includes('"authentication": "ACCEPT"'),
    )
    expect(accepted.length).toBeGreaterThan(40)
    expect(results.flatMap(({ outcome }) => outcome.mails).length).toBeGreaterThan(80)
    for (const [, texts] of places()) expect(texts.length).toBeGreaterThan(10)
  })

  test('no PIN, password or seed is in an answer, a log line, an item or a queue', () => {
    const secrets = new Secrets()
    secrets.add('PIN or password', MARK)
    for (const seed of SEEDS) {
      secrets.add('seed as sent', seed)
      secrets.addBytes('seed', Buffer.from(seed, 'hex'))
    }
    for (const [place, texts] of places()) {
      expect({ place, found: holding(texts, secrets) }).toEqual({ place, found: [] })
    }
  })

  test('no code is in an answer, a log line, an item or a queue', () => {
    const codes = new Set(
      results.flatMap(({ outcome }) =>
        outcome.mails.flatMap((mail) => mail.text.match(/(?<!\d)(?:\d{6}|\d{8})(?!\d)/g) ?? []),
      ),
    )
    for (const [place, texts] of places()) {
      const found = texts.filter((one) =>
        one
          .replace(OTHER_DIGITS, '')
          .match(/(?<!\d)(?:\d{6}|\d{8})(?!\d)/g)
          ?.some((digits) => codes.has(digits)),
      )
      expect({ place, found }).toEqual({ place, found: [] })
    }
  })
})
