/** The mail sender as administrators set it up: changed, tried, and in force without a deployment. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { adminSession, logsIn, startTestStack, type TestStack } from './support.ts'

const PATH = '/v1/mail-sender'

let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  world = await startTestStack()
  headers = await adminSession(world)
})
afterAll(() => world?.stack.stop())

const test = async (body: object) =>
  (await world.api.json('POST', `${PATH}/test`, body, headers)).json

it("N10: a test message says what it was given to say; the answer is the server's own", async () => {
  const { port } = world.stack.smtp
  const unsaved = { kind: 'smtp', host: '127.0.0.1', port, sender: 'new@localhost.example' }
  const sent = await test({ to: 'me@example.org', text: 'Hello from setup', ...unsaved })
  expect(sent).toMatchObject({ sent: true, reply: expect.stringMatching(/^250 /) })
  const mail = await world.nextMail('me@example.org')
  expect(mail.text.trim()).toBe('Hello from setup')
  expect(mail.from).toBe('new@localhost.example')
  const saved = await world.api.get(PATH, {}, headers)
  expect(saved.json.sender).not.toBe('new@localhost.example')

  const nobody = await test({ to: 'me@example.org', ...unsaved, port: 9 })
  expect(nobody).toMatchObject({ sent: false, reply: expect.stringContaining('ECONNREFUSED') })
})

it('N10: one address gets twenty tests an hour, over all administrators and servers', async () => {
  const sent = []
  for (let count = 0; count <= 20; count++) sent.push(await test({ to: 'often@example.org' }))
  expect(sent.filter((one) => one.sent)).toHaveLength(20)
  expect(sent.at(-1)).toMatchObject({ sent: false, reply: expect.stringContaining('20 tests') })
})

it('N11, P08: a change is saved, has a version, and the next login goes by it', async () => {
  const before = (await world.api.get(PATH, {}, headers)).json
  const changed = await world.api.json('PUT', PATH, { sender: 'other@localhost.example' }, headers)
  expect(changed.status).toBe(200)
  expect(changed.json.version).not.toBe(before.version)
  const senderOfNextMail = async () => {
    const user = await world.addUser()
    expect(await logsIn(world, user)).toBe(true)
    return world.stack.messages().find(({ to }) => to.includes(user.email))!.from
  }
  await expect.poll(senderOfNextMail).toBe('other@localhost.example')
})
