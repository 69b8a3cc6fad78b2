import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSession, answer, isAccepted, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack } from './support.ts'

const PIN = 'a pin nobody else has'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack()
})
afterAll(() => world.stack.stop())

test('an administrator sees a login step by step, and nothing that is secret', async () => {
  const user = await world.addUser(PIN)
  const id = await trigger(world, user)
  const code = await world.nextCode(user.email)
  await answer(world, user.user, id, wrongCode(code))
  expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)

  const session = await adminSession(world)
  const { json, text } = await world.api.get('/audit/', { user: user.user }, session)
  const common = {
    action: 'POST /validate/check',
    user: user.user,
    client: '127.0.0.1',
    serial: expect.stringMatching(/^\w+$/),
    sig_check: '',
  }
  expect(json.result.value).toMatchObject({
    count: 3,
    auditdata: [
      { ...common, authentication: 'ACCEPT', success: 1 },
      { ...common, authentication: 'REJECT', success: 0, info: expect.stringMatching(/./) },
      { ...common, authentication: 'CHALLENGE', success: 0 },
    ],
  })
  expect(text).not.toContain(PIN)
  expect(text).not.toContain(`"${code}"`)
  expect(text).not.toContain(session.authorization)

  const own = await world.api.get('/audit', { administrator: 'admin' }, session)
  expect(own.json.result.value.auditdata).toContainEqual(
    expect.objectContaining({ action: 'GET /audit/', administrator: 'admin', success: 1 }),
  )
})

test('the log stand-in refuses a pattern it cannot follow', async () => {
  const client = new CloudWatchLogsClient({
    region: 'us-east-1',
    endpoint: world.stack.endpoint,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const filter = (filterPattern: string) =>
    client.send(new FilterLogEventsCommand({ logGroupName: '/otpost/local/admin', filterPattern }))
  await expect(filter('{ $.a = "b" || $.c = "d" }')).rejects.toMatchObject({
    name: 'InvalidParameterException',
  })
})
