import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSession, answer, isAccepted, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack } from './support.ts'

const PIN = 'a pin nobody else has'
const OPERATOR = 'otpost-local-operator'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack()
})
afterAll(() => world.stack.stop())

type Json = any

/** Asks again until there are as many: records follow within seconds. */
async function recorded(path: string, query: Record<string, string>, count: number): Promise<Json> {
  const { authorization } = await adminSession(world)
  for (let tries = 1; ; tries++) {
    const answer = await world.api.get(path, query, { authorization: `Bearer ${authorization}` })
    const items = answer.json.records ?? answer.json.deliveries
    if (items?.length >= count || tries === 200) return answer
    await setTimeout(100)
  }
}

const operator = async (command: string, args: object = {}): Promise<Json> =>
  world.stack.invoke(OPERATOR, { command, args, caller: 'AKIAEXAMPLE000000001' })

test('an administrator sees a login step by step, and nothing that is secret', async () => {
  const user = await world.addUser(PIN)
  const id = await trigger(world, user)
  const code = await world.nextCode(user.email)
  await answer(world, user.user, id, wrongCode(code))
  expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
  await recorded('/v1/audit', { user: user.user }, 3)

  const session = await adminSession(world)
  const { json, text } = await world.api.get('/audit/', { user: user.user }, session)
  const common = {
    action: 'POST /validate/check',
    user: user.user,
    client: '127.0.0.1',
    serial: expect.stringMatching(/^\w+$/),
    sig_check: 'OK',
  }
  expect(json.result.value).toMatchObject({
    count: 3,
    auditdata: [
      { ...common, authentication: 'ACCEPT', success: 1 },
      { ...common, authentication: 'REJECT', success: 0, info: 'wrong' },
      { ...common, authentication: 'CHALLENGE', success: 0 },
    ],
  })
  expect(text).not.toContain(PIN)
  expect(text).not.toContain(`"${code}"`)
  expect(text).not.toContain(session.authorization)

  const steps = await recorded('/v1/audit', { transaction_id: id }, 3)
  expect(steps.json.records.map((one: Json) => [one.authentication, one.reason])).toEqual([
    ['ACCEPT', undefined],
    ['REJECT', 'wrong'],
    ['CHALLENGE', undefined],
  ])
})

test('N13: the delivery log has the words of the server and no code', async () => {
  const user = await world.addUser(PIN)
  const id = await trigger(world, user)
  const code = await world.nextCode(user.email)
  const { json, text } = await recorded('/v1/deliveries', { transaction_id: id }, 2)
  const common = { transaction_id: id, user: user.user, realm: 'demo' }
  expect(json.deliveries.toReversed()).toMatchObject([
    { ...common, state: 'queued' },
    { ...common, state: 'sent', reply: expect.stringMatching(/^250/) },
  ])
  expect(text).not.toContain(code)
  expect(text).not.toContain(user.email)
  expect((await recorded('/v1/deliveries', { user: user.user }, 2)).json.deliveries).toHaveLength(2)
})

test('every wire, every administrator and every operator is recorded once', async () => {
  const user = await world.addUser(PIN)
  const { user: name } = user
  await world.api.post('/validate/check', { user: name, pass: 'wrong' })
  await world.api.post('/linotp/validate/check', { user: name, pass: 'wrong' })
  await world.api.json('POST', '/v1/challenges', { user: name, pin: 'wrong' })
  const session = await adminSession(world)
  const { json } = await world.api.get('/token/', { user: name }, session)
  const { serial } = json.result.value.tokens[0]
  await world.api.post('/token/disable', { serial }, session)
  await operator('token.enable', { serial })

  const found = await recorded('/v1/audit', { user: name }, 5)
  const acts = found.json.records.filter(({ action }: Json) => action !== 'GET /token/')
  expect(acts.map((one: Json) => [one.action, one.success, one.administrator])).toEqual([
    ['operator token.enable', true, 'operator AKIAEXAMPLE000000001'],
    ['POST /token/disable', true, 'admin'],
    ['POST /v1/challenges', false, undefined],
    ['POST /linotp/validate/check', false, undefined],
    ['POST /validate/check', false, undefined],
  ])
})

test('a login writes no more than 1.2 kB of log', async () => {
  const user = await world.addUser(PIN)
  await setTimeout(500)
  const before = world.lines.length
  const id = await trigger(world, user)
  const code = await world.nextCode(user.email)
  await answer(world, user.user, id, code)
  await setTimeout(1500)
  const written = world.lines.slice(before).map(({ text }) => `${text}\n`)
  expect(Buffer.byteLength(written.join('')), written.join('')).toBeLessThanOrEqual(1200)
})

test('the chain is sound', async () => {
  await recorded('/v1/audit', {}, 1)
  expect(await operator('audit.verify')).toMatchObject({ ok: true, value: { sound: true } })
})

test('deliveries and audit are recorded whatever log.level says', async () => {
  await world.stack.parameters.set({ 'log.level': 'error' })
  await setTimeout(1000)
  const user = await world.addUser(PIN)
  const id = await trigger(world, user)
  const { json } = await recorded('/v1/deliveries', { transaction_id: id }, 2)
  expect(json.deliveries).toHaveLength(2)
  expect((await recorded('/v1/audit', { transaction_id: id }, 1)).json.records).toHaveLength(1)
})
