/** Settings, keys, items and the queue go wrong; the service goes on, and recovers by itself. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FaultEffect } from '../../lib/local/faults.ts'
import { synthesize } from '../../lib/local/synth.ts'
import { startScripted } from '../adapters/scripted-smtp.ts'
import { clients } from '../lib/local/clients.ts'
import { outcomeOf, startRelay } from './support-faults.ts'
import type { Relay } from './support-faults.ts'
import { answer, isAccepted, logsIn, startTestStack, trigger } from './support.ts'
import type { Line, TestStack, User } from './support.ts'

const CONFIGURE = 'otpost-local-configure'
const askFor = ({ user, pin: pass }: User, { api } = world) =>
  api.post('/validate/check', { user, pass })

let world: TestStack
const stops: (() => Promise<unknown>)[] = []
async function start(...options: Parameters<typeof startTestStack>): Promise<TestStack> {
  const started = await startTestStack(...options)
  stops.push(() => started.stack.stop())
  return started
}
beforeAll(async () => {
  world = await start()
})
afterEach(() => world.stack.faults.clear())
afterAll(() => Promise.all(stops.map((stop) => stop())))

const tables = () => {
  const { tokens, challenges } = world.stack.describe().tables
  return { tokens: tokens!, challenges: challenges! }
}

describe('parameters that cannot be had', () => {
  const DENIED = { status: 400, type: 'AccessDeniedException' }

  test.each<{ fault: string; effect: FaultEffect }>([
    { fault: '7 SSM down', effect: { status: 500, type: 'InternalServerError' } },
    { fault: '7 SSM unreachable', effect: 'reset' },
    { fault: '7 SSM denied', effect: DENIED },
  ])('$fault: logins go on, and the next look puts the change in force', async ({ effect }) => {
    const subject = `After ${JSON.stringify(effect)}`
    const planted = world.stack.faults.add({ service: 'ssm', effect }, Infinity)
    const changed = await world.stack.parameters.set({ 'email.subject': subject })
    expect(changed.configure).toHaveProperty('error')
    expect(planted.struck).toBeGreaterThan(0)
    expect(await logsIn(world, await world.addUser())).toBe(true)
    planted.remove()
    // what the five-minute sweep does
    expect(await world.stack.invoke(CONFIGURE, {})).toMatchObject({ published: true })
    await expect.poll(subjectOfNextMail).toBe(subject)
  })

  test('8 SSM throttled for a while: the change is in force at once', async () => {
    const planted = world.stack.faults.add({ service: 'ssm', effect: 'throttle' }, 2)
    const changed = await world.stack.parameters.set({ 'email.subject': 'Throttled' })
    expect(changed.configure).toMatchObject({ published: true, problems: [] })
    expect(planted.struck).toBe(2)
  })

  test('9 a bad value: refused by name, and logins go on', async () => {
    const changed = await world.stack.parameters.set({ 'email.port': 'smtp' })
    expect(changed.configure).toMatchObject({
      published: false,
      problems: [{ name: 'email.port', severity: 'error' }],
    })
    expect(await logsIn(world, await world.addUser())).toBe(true)
    const repaired = { 'email.port': String(world.stack.smtp.port) }
    const { configure } = await world.stack.parameters.set(repaired)
    expect(configure).toMatchObject({ problems: [] })
  })

  async function subjectOfNextMail(): Promise<string> {
    const user = await world.addUser()
    await trigger(world, user)
    return (await world.nextMail(user.email)).subject
  }
})

describe('6 items that are not what they should be', () => {
  const dynamodb = () => clients(world.stack.endpoint).dynamodb
  const text = (S: string) => ({ S })

  test('a challenge: nobody is let in by it, and a new one does', async () => {
    const user = await world.addUser()
    const asked = await askFor(user)
    const { transaction_id: id, serial } = asked.json.detail
    const code = await world.nextCode(user.email)
    await dynamodb().send(
      new UpdateItemCommand({
        TableName: tables().challenges,
        Key: { transaction_id: text(id), serial: text(serial) },
        UpdateExpression: 'SET attempts = :text, schema_version = :text',
        ExpressionAttributeValues: { ':text': text('later') },
      }),
    )
    const refused = outcomeOf(await answer(world, user.user, id, code))
    expect(['rejected', 'unavailable']).toContain(refused)
    expect(await logsIn(world, user)).toBe(true)
  })

  test('an account: a defined answer for its user, and everybody else logs in', async () => {
    const [broken, other] = (await world.addUsers(2)) as [User, User]
    const item = { pk: text(`account/demo/${broken.user}`), rev: text('?'), tokens: text('?') }
    await dynamodb().send(new PutItemCommand({ TableName: tables().tokens, Item: item }))
    expect(['rejected', 'unavailable']).toContain(outcomeOf(await askFor(broken)))
    expect(await logsIn(world, other)).toBe(true)
  })

  test('the settings: the ones known stay in force, and the next look writes them anew', async () => {
    const item = { pk: text('settings'), rev: { N: '7' }, version: text('next') }
    await dynamodb().send(new PutItemCommand({ TableName: tables().tokens, Item: item }))
    expect(await logsIn(world, await world.addUser())).toBe(true)
    expect(await world.stack.invoke(CONFIGURE, {})).toMatchObject({ published: true })
    expect(await logsIn(world, await world.addUser())).toBe(true)
  })
})

describe('the queue', () => {
  const queue = () => world.stack.queues.get('otpost-local-deliver')!
  const dead = () => world.stack.queues.get('otpost-local-deliver-dead')!
  const drained = () => expect.poll(() => queue().messages.length).toBe(0)
  const reference = (transaction_id: string, serial: string) =>
    JSON.stringify({ transaction_id, serial })

  /** Sees what is sent to the queue, before it is; `lose`: it never gets there. */
  function watchSends(see: (body: string) => void, { lose = false } = {}) {
    const match = (body: Record<string, any>) => {
      see(body.Entries[0].MessageBody)
      return lose
    }
    const spec = { service: 'sqs', operation: 'SendMessageBatch', effect: 'reset', match } as const
    return world.stack.faults.add(spec, Infinity)
  }

  test('20 delivers a message four times, at once and again later: one mail comes', async () => {
    const user = await world.addUser()
    let body = ''
    const watch = watchSends((sent) => {
      body = sent
      for (let copy = 0; copy < 3; copy += 1) queue().send(sent)
    })
    const id = await trigger(world, user)
    watch.remove()
    const code = await world.nextCode(user.email)
    await drained()
    queue().send(body)
    await drained()
    expect(world.unreadMails(user.email)).toEqual([])
    expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
  })

  test('21 delivers an older message after a newer one: the newer code stays good', async () => {
    const user = await world.addUser()
    let older = ''
    const watch = watchSends((sent) => (older = sent), { lose: true })
    expect(outcomeOf(await askFor(user))).toBe('not sent')
    watch.remove()
    const id = await trigger(world, user)
    const code = await world.nextCode(user.email)
    queue().send(older)
    await drained()
    expect(world.unreadMails(user.email)).toEqual([])
    expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
  })

  test('21 delivers a message too late: no mail comes, and a new code does', async () => {
    const user = await world.addUser()
    let late = ''
    const watch = watchSends((sent) => (late = sent), { lose: true })
    expect(outcomeOf(await askFor(user))).toBe('not sent')
    watch.remove()
    const { transaction_id: id, serial } = JSON.parse(late)
    await clients(world.stack.endpoint).dynamodb.send(
      new UpdateItemCommand({
        TableName: tables().challenges,
        Key: { transaction_id: { S: id }, serial: { S: serial } },
        UpdateExpression: 'SET expiresAt = :past',
        ExpressionAttributeValues: { ':past': { N: String(Date.now() - 1) } },
      }),
    )
    queue().send(late)
    await drained()
    expect(world.unreadMails(user.email)).toEqual([])
    expect(await logsIn(world, user)).toBe(true)
  })

  test('22 poison ends among the dead letters, and mails go on beside it', async () => {
    const poison = ['not JSON', '{}', '[]', 'null', '{"transaction_id": 1, "serial": []}']
    for (const body of poison) queue().send(body)
    queue().send(reference('0'.repeat(20), 'EM00000000'))
    expect(await logsIn(world, await world.addUser())).toBe(true)
    const hurry = setInterval(() => {
      for (const { receiptHandle } of queue().messages) {
        if (receiptHandle) queue().changeVisibility(receiptHandle, 0)
      }
    }, 20)
    await drained().finally(() => clearInterval(hurry))
    expect(
      dead()
        .messages.map(({ body }) => body)
        .sort(),
    ).toEqual(poison.sort())
    dead().purge()
  })
})

describe('the first calls of all', () => {
  test.each<{ fault: string; effect: FaultEffect }>([
    { fault: '10 KMS down', effect: { status: 500, type: 'KMSInternalException' } },
    { fault: '10 KMS denied', effect: { status: 400, type: 'AccessDeniedException' } },
    { fault: '10 KMS unreachable', effect: 'reset' },
  ])('$fault: not available, and a login once it is back', async ({ effect }) => {
    const cold = await start()
    const user = await cold.addUser()
    const planted = cold.stack.faults.add(
      { service: 'kms', operation: 'Decrypt', effect },
      Infinity,
    )
    expect(outcomeOf(await askFor(user, cold))).toBe('unavailable')
    expect(planted.struck).toBeGreaterThan(0)
    planted.remove()
    expect(await logsIn(cold, user)).toBe(true)
  })

  test('28 a hundred at once: each has its code, and is let in with it', async () => {
    const cold = await start()
    const users = await cold.addUsers(100)
    expect(await Promise.all(users.map((user) => logsIn(cold, user, 25_000)))).toEqual(
      users.map(() => true),
    )
  })
})

describe('a function that runs out of time', () => {
  let short: TestStack
  let relay: Relay
  beforeAll(async () => {
    const directory = await shortened()
    stops.push(() => rm(directory, { recursive: true, force: true }))
    relay = await startRelay()
    stops.push(() => relay.stop())
    const parameters = {
      'email.port': String(relay.port),
      'email.timeout': '20',
      'email.delivery_wait': '0.2',
    }
    short = await start({ synthesized: directory, parameters })
  })

  test('32 while it mails: that mail comes once its claim is stale, those of others at once', async () => {
    const [held, other] = (await short.addUsers(2)) as [User, User]
    const hanging = await startScripted('end', 'hang')
    relay.target = hanging.port
    const asked = await askFor(held, short)
    expect(outcomeOf(asked)).toBe('challenge')
    // told by the function itself or, if it came too late for that, by Lambda
    const isEnded = ({ fields }: Line) => /Time(outError|dout)$/.test(String(fields.errorType))
    await expect.poll(() => short.lines.some(isEnded)).toBe(true)
    relay.target = short.stack.smtp.port
    await hanging.stop()
    expect(await logsIn(short, other)).toBe(true)

    const { transaction_id: id, serial } = asked.json.detail
    await clients(short.stack.endpoint).dynamodb.send(
      new UpdateItemCommand({
        TableName: tables().challenges,
        Key: { transaction_id: { S: id }, serial: { S: serial } },
        UpdateExpression: 'SET claimedAt = :stale',
        ExpressionAttributeValues: { ':stale': { N: String(Date.now() - 31_000) } },
      }),
    )
    const code = await short.nextCode(held.email, 10_000)
    expect(isAccepted(await answer(short, held.user, id, code))).toBe(true)
  })

  test('2 while it answers: the answer is defined', async () => {
    const user = await short.addUser()
    const spec = { service: 'dynamodb', operation: 'GetItem', effect: 'timeout' } as const
    const planted = short.stack.faults.add(spec, Infinity)
    const asked = await askFor(user, short)
    planted.remove()
    expect(asked.status).toBe(503)
    expect(asked.json).toEqual({ error: 'The service cannot answer at the moment.' })
    expect(await logsIn(short, user)).toBe(true)
  })

  /** The service with functions that are soon ended, and mails tried again soon. */
  async function shortened(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'otpost-short-'))
    await cp(await synthesize(), directory, { recursive: true })
    for (const name of await readdir(directory)) {
      if (!name.endsWith('.template.json')) continue
      const template = JSON.parse(await readFile(join(directory, name), 'utf8'))
      for (const { Properties } of Object.values<any>(template.Resources)) {
        if (Properties?.FunctionName === 'otpost-local-deliver') Properties.Timeout = 2
        if (Properties?.FunctionName === 'otpost-local-validate') Properties.Timeout = 4
        if (Properties?.QueueName === 'otpost-local-deliver') Properties.VisibilityTimeout = 3
      }
      await writeFile(join(directory, name), JSON.stringify(template))
    }
    return directory
  }
})
