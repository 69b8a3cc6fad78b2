/** What each step of a login asks of AWS, counted where the requests arrive: DESIGN §5 "Budget". */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { awaitDelivery } from '../functions/core/await-delivery.ts'
import type { Challenge } from '../functions/core/challenge.ts'
import type { ChallengeStore } from '../functions/core/ports.ts'
import { type Call, type Cloud, startCloud } from './bench/cloud.ts'
import { codeIn } from './bench/logins.ts'
import { otherThan } from './support/world.ts'

type Handler = (event: unknown, context: unknown) => Promise<any>
type Form = Record<string, string>

const READ_ACCOUNT = 'GetItem tokens'
const WRITE_ACCOUNT = 'UpdateItem tokens'
const DECIDE = 'UpdateItem challenges'
const TRIGGER = [READ_ACCOUNT, WRITE_ACCOUNT, 'PutItem challenges', 'sqs SendMessageBatch']
const DELIVER = [
  'GetItem challenges',
  READ_ACCOUNT,
  'UpdateItem challenges',
  'ses SendEmail',
  'UpdateItem challenges',
]
const LOOK_FOR_MAIL = 'GetItem challenges'

let cloud: Cloud
let validate: Handler
let deliver: Handler
let whenQueued = () => Promise.resolve()
let users: string[]

beforeAll(async () => {
  // what is to be recorded is written at every level
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  cloud = await startCloud({ queued: () => whenQueued() })
  users = await cloud.enrol('user', 20, '1234')
  for (const [name, value] of Object.entries(cloud.environment)) vi.stubEnv(name, value)
})

afterAll(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await cloud.stop()
})

beforeEach(() => {
  cloud.queue.purge()
  whenQueued = () => Promise.resolve()
})

/** Loads the functions as a new deployment with these settings would. */
async function coldStart(settings: Form = {}): Promise<void> {
  const base = { 'email.mailfrom': 'otpost@example.org', 'log.level': 'error' }
  await cloud.publish({ ...base, ...settings })
  vi.resetModules()
  validate = (await import('../functions/validate.ts')).handler as Handler
  deliver = (await import('../functions/deliver.ts')).handler as Handler
}

/** As {@link coldStart}, after a first login has read keys and settings. */
async function warmStart(settings: Form = {}): Promise<void> {
  await coldStart({ 'email.delivery_wait': '0', ...settings })
  const { user, transactionId, otp } = await triggered()
  await check({ user, transaction_id: transactionId, pass: otp })
}

async function check(form: Form) {
  const requestId = crypto.randomUUID()
  const http = { method: 'POST', path: '/validate/check', sourceIp: '127.0.0.1' }
  const event = {
    rawPath: http.path,
    rawQueryString: '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    requestContext: { http, requestId },
    body: new URLSearchParams(form).toString(),
    isBase64Encoded: false,
  }
  const { body } = await validate(event, {})
  return JSON.parse(body)
}

async function deliverNext() {
  const [message] = cloud.queue.receive(1)
  const { id: messageId, body } = message!
  await deliver({ Records: [{ messageId, body }] }, {})
  cloud.queue.delete(message!.receiptHandle!)
}

/** A user who never logged in before, with a code in the mailbox. */
async function triggered() {
  const user = users.pop()!
  const { detail } = await check({ user, pass: '1234' })
  await deliverNext()
  const otp = codeIn(await cloud.takeMail(`${user}@example.org`))
  return { user, transactionId: detail.transaction_id as string, otp }
}

const named = ({ service, operation, table, refused }: Call) =>
  (service === 'dynamodb' ? `${operation} ${table}` : `${service} ${operation}`) +
  (refused ? ', refused' : '')

async function callsOf(work: () => Promise<unknown>): Promise<string[]> {
  cloud.forget()
  await work()
  return cloud.calls.map(named)
}

describe('a warm login', () => {
  beforeAll(() => warmStart())

  it('is triggered by one read and two writes', async () => {
    expect(await callsOf(() => check({ user: users.pop()!, pass: '1234' }))).toEqual(TRIGGER)
  })

  it('is delivered by two reads and two writes around the mail', async () => {
    await check({ user: users.pop()!, pass: '1234' })
    expect(await callsOf(deliverNext)).toEqual(DELIVER)
  })

  it('is answered by one read and one write', async () => {
    const { user, transactionId, otp } = await triggered()
    const answer = { user, transaction_id: transactionId, pass: otp }
    expect(await callsOf(() => check(answer))).toEqual([READ_ACCOUNT, DECIDE])
  })

  it('is answered by PIN and code together at the same price', async () => {
    const { user, otp } = await triggered()
    const calls = await callsOf(() => check({ user, pass: `1234${otp}` }))
    expect(calls).toEqual([READ_ACCOUNT, DECIDE])
  })

  it('pays one more write for a wrong answer, and one for the right one after it', async () => {
    const { user, transactionId, otp } = await triggered()
    const wrong = { user, transaction_id: transactionId, pass: otherThan(otp) }
    const right = { ...wrong, pass: otp }
    expect(await callsOf(() => check(wrong))).toEqual([READ_ACCOUNT, DECIDE, WRITE_ACCOUNT])
    expect(await callsOf(() => check(right))).toEqual([READ_ACCOUNT, DECIDE, WRITE_ACCOUNT])
  })

  it('refuses a replay by one read and the write that is refused', async () => {
    const { user, transactionId, otp } = await triggered()
    const answer = { user, transaction_id: transactionId, pass: otp }
    await check(answer)
    expect(await callsOf(() => check(answer))).toEqual([READ_ACCOUNT, `${DECIDE}, refused`])
  })

  it('is billed as five write units and four read units', async () => {
    cloud.forget()
    const { user, transactionId, otp } = await triggered()
    await check({ user, transaction_id: transactionId, pass: otp })
    const unitsOf = (reads: boolean) =>
      cloud.calls
        .filter(({ operation }) => operation.startsWith('Get') === reads)
        .reduce((sum, { units }) => sum + units, 0)
    expect({ write: unitsOf(false), read: unitsOf(true) }).toEqual({ write: 5, read: 4 })
  })
})

describe('a refusal', () => {
  beforeAll(() => warmStart({ 'mail.per_hour': '1' }))

  it('of a wrong PIN is one read and the write that counts it', async () => {
    const calls = await callsOf(() => check({ user: users.pop()!, pass: '9999' }))
    expect(calls).toEqual([READ_ACCOUNT, WRITE_ACCOUNT])
  })

  it('of an unknown user is one read', async () => {
    expect(await callsOf(() => check({ user: 'nobody', pass: '1234' }))).toEqual([READ_ACCOUNT])
  })

  it('of PINs that come too fast is one read and no write', async () => {
    const user = users.pop()!
    for (let tries = 0; tries < 6; tries++) await check({ user, pass: '9999' })
    expect(await callsOf(() => check({ user, pass: '1234' }))).toEqual([READ_ACCOUNT])
  })

  it('of one mail too many is one read, and no write where no PIN was learned', async () => {
    const [user] = await cloud.enrol('pinless', 1)
    await check({ user: user!, pass: '' })
    expect(await callsOf(() => check({ user: user!, pass: '' }))).toEqual([READ_ACCOUNT])
  })

  it('of one mail too many after a right PIN is one read and the write that admits it', async () => {
    const { user } = await triggered()
    const calls = await callsOf(() => check({ user, pass: '1234' }))
    expect(calls).toEqual([READ_ACCOUNT, WRITE_ACCOUNT])
  })

  it('of a made-up transaction is one read', async () => {
    const made = { user: users.pop()!, transaction_id: '0'.repeat(20), pass: '123456' }
    expect(await callsOf(() => check(made))).toEqual([READ_ACCOUNT])
  })
})

describe('waiting for the mail', () => {
  it('costs one read when the mail goes out at once', async () => {
    await warmStart({ 'email.delivery_wait': '0.2' })
    whenQueued = deliverNext
    const calls = await callsOf(() => check({ user: users.pop()!, pass: '1234' }))
    expect(calls).toEqual([...TRIGGER, ...DELIVER, LOOK_FOR_MAIL])
  })

  it('costs nine reads in the 1.5 seconds that are the default, however slow the mail', async () => {
    let [time, reads] = [0, 0]
    const challenge = { transactionId: '1', serial: 'EM1', delivery: 'queued' } as Challenge
    const store: Partial<ChallengeStore> = {
      async get() {
        reads++
        return challenge
      },
    }
    const sleep = async (ms: number) => {
      time += ms
    }
    const ports = { challenges: store as ChallengeStore, now: () => time, sleep }
    await awaitDelivery(ports, [challenge], 1500)
    expect({ time, reads }).toEqual({ time: 1500, reads: 9 })
  })
})

describe('a cold start', () => {
  it('reads settings and keyring and unwraps each key it needs; later logins do not', async () => {
    await coldStart({ 'email.delivery_wait': '0' })
    const once = [READ_ACCOUNT, READ_ACCOUNT, 'kms Decrypt']
    const [first, second] = [users.pop()!, users.pop()!]
    const calls = await callsOf(() => check({ user: first, pass: '1234' }))
    expect(calls.toSorted()).toEqual([...once, ...TRIGGER].toSorted())
    expect(await callsOf(() => check({ user: second, pass: '1234' }))).toEqual(TRIGGER)
  })
})
