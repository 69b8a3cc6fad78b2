/** The plugins of both references as they are, against the local stack. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestStack, type TestStack } from '../stack/support.ts'
import { runPlugin, type Typist } from './plugin-session.ts'
import { PLUGINS } from './plugins.ts'
import type { RawRequest } from './raw-http.ts'

const RECORDED = JSON.parse(
  readFileSync(new URL('./recorded/clients.json', import.meta.url), 'utf8'),
) as Record<string, RawRequest[]>

let world: TestStack
beforeAll(async () => {
  world = await startTestStack()
  const admin = { command: 'admin.add', args: { name: 'admin', password: 'test' } }
  await world.stack.invoke('otpost-local-operator', admin)
})
afterAll(() => world.stack.stop())

/** A new user with one token, whose names are not those of any other test. */
async function newTypist(user: string, pin: string): Promise<Typist> {
  const email = `${user.replace('@', '.at.')}@mail.example`
  const row = { user, email, givenname: 'Carol', surname: 'King', pin }
  const event = { command: 'user.import', args: { rows: [row], enrol: true, without_pin: true } }
  const reply = (await world.stack.invoke('otpost-local-operator', event)) as any
  expect(reply.value?.rows).toMatchObject([{ state: 'added' }])
  const { serial } = reply.value.rows[0]
  return { user, pin, serial, nextMail: () => world.nextMail(email) }
}

describe.each(Object.entries(PLUGINS))('%s', (name, plugin) => {
  const { pinless, unescaped } = plugin
  test.each([
    { user: `carol-${name}`, pin: pinless ? '' : 'pin1234' },
    { user: `carol-${name}@example.net`, pin: pinless ? '' : unescaped ? "p!n~(9)*:'" : 'pü+&x9' },
  ])('logs $user in with the PIN $pin, and nobody else', async ({ user, pin }) => {
    const { name: recorded, from } = plugin.recorded ?? { name, from: 0 }
    const requests = RECORDED[recorded]!.slice(from, from + plugin.acts.length)
    expect(requests).toHaveLength(plugin.acts.length)
    const turns = await runPlugin(world.stack.api, plugin, requests, await newTypist(user, pin))
    const told = turns.map(({ act, verdict, reply }) => ({ act, verdict, status: reply.status }))
    const wanted = turns.map(({ act, expected, reply }) => ({
      act,
      verdict: expected,
      status: reply.status,
    }))
    expect(told).toEqual(wanted)
  })
})
