/** Mail servers fail: the answer stays quick and true, and the same code comes once they are back. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FaultEffect } from '../../lib/local/faults.ts'
import { makeCertificates } from '../adapters/certificates.ts'
import type { Certificates } from '../adapters/certificates.ts'
import { startScripted } from '../adapters/scripted-smtp.ts'
import type { Misbehaviour, Phase } from '../adapters/scripted-smtp.ts'
import { startSink } from '../adapters/smtp-sink.ts'
import type { Sink } from '../adapters/smtp-sink.ts'
import { outcomeOf, startRelay, type Outcome, type Relay } from './support-faults.ts'
import { answer, isAccepted, logsIn, startTestStack } from './support.ts'
import type { TestStack, User } from './support.ts'

/** `email.delivery_wait` plus what a busy machine takes. */
const ANSWERED_WITHIN_MS = 8000
const WAIT = { 'email.delivery_wait': '1', 'email.timeout': '1' }

const stops: (() => Promise<unknown>)[] = []
async function start(parameters: Record<string, string>): Promise<TestStack> {
  const world = await startTestStack({ parameters: { ...WAIT, ...parameters } })
  stops.push(() => world.stack.stop())
  return world
}
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

/** Asks for a code; the answer and its outcome, which must come in time. */
async function askFor(world: TestStack, { user, pin: pass }: User) {
  const began = performance.now()
  const asked = await world.api.post('/validate/check', { user, pass })
  expect(performance.now() - began).toBeLessThan(ANSWERED_WITHIN_MS)
  return { outcome: outcomeOf(asked), id: asked.json.detail.transaction_id as string | undefined }
}

/** How many sendings have failed so far. */
const failuresOf = ({ lines }: TestStack) =>
  lines.filter(({ fields }) => fields.failure !== undefined).length

type Row = {
  fault: string
  /** The first answer. `not sent`: refused fast enough to be told. */
  says: Outcome[]
  /** Whether the mail comes by itself once the server is back. */
  comesLater: boolean
}

/** What holds of every fault, once the provider is broken: `repair` makes it work again. */
async function survives(world: TestStack, row: Row, repair: () => void): Promise<void> {
  const user = await world.addUser()
  const { outcome, id } = await askFor(world, user)
  expect(row.says).toContain(outcome)
  const failed = failuresOf(world)
  repair()
  if (row.comesLater) {
    const code = await world.nextCode(user.email)
    if (id) expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
  }
  expect(await logsIn(world, user)).toBe(true)
  if (!row.comesLater) expect(failuresOf(world)).toBe(failed)
}

describe('a mail server', () => {
  let world: TestStack
  let relay: Relay
  beforeAll(async () => {
    relay = await startRelay()
    stops.push(() => relay.stop())
    world = await start({ 'email.port': String(relay.port) })
    relay.target = world.stack.smtp.port
  })

  type Broken = Row & { at: Phase; how: Misbehaviour }
  const at = (phases: Phase[], what: Omit<Broken, 'at'>): Broken[] =>
    phases.map((phase) => ({ ...what, fault: `${what.fault} at ${phase}`, at: phase }))
  const rows: Broken[] = [
    ...at(['greeting', 'RCPT', 'end'], {
      fault: '15 answers 451',
      how: '451 4.3.0 try again later',
      says: ['not sent'],
      comesLater: true,
    }),
    ...at(['greeting', 'MAIL', 'RCPT', 'end'], {
      fault: '16 answers 550',
      how: '550 5.1.1 no',
      says: ['not sent'],
      comesLater: false,
    }),
    ...at(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'end'], {
      fault: '17 hangs',
      how: 'hang',
      says: ['challenge', 'not sent'],
      comesLater: true,
    }),
    ...at(['greeting', 'MAIL', 'DATA'], {
      fault: '18 resets the connection',
      how: 'reset',
      says: ['not sent'],
      comesLater: true,
    }),
    // it may have been sent
    ...at(['end'], {
      fault: '18 resets the connection',
      how: 'reset',
      says: ['challenge'],
      comesLater: true,
    }),
  ]

  test.each(rows)('$fault', async (row) => {
    const broken = await startScripted(row.at, row.how)
    relay.target = broken.port
    await survives(world, row, () => (relay.target = world.stack.smtp.port))
    await broken.stop()
  })
})

describe('TLS', () => {
  let world: TestStack
  let relay: Relay
  let trusted: Sink
  let certificates: Certificates
  const tlsServer = (own: Certificates['server']) => startSink({ ...own, authOptional: true })
  beforeAll(async () => {
    certificates = await makeCertificates(['127.0.0.1'])
    trusted = await tlsServer(certificates.server)
    relay = await startRelay()
    stops.push(trusted.stop, () => relay.stop())
    world = await start({
      'email.port': String(relay.port),
      'email.tls': 'starttls',
      'email.ca': certificates.ca,
    })
  })
  const mailsTo = (sink: Sink, { email }: User) =>
    sink.received.filter(({ recipients }) => recipients.includes(email)).length

  async function sendsNothingTo(port: number): Promise<void> {
    const user = await world.addUser()
    relay.target = port
    expect((await askFor(world, user)).outcome).toBe('not sent')
    expect(world.unreadMails(user.email)).toEqual([])
    relay.target = trusted.port
    expect((await askFor(world, user)).outcome).toBe('challenge')
    expect(mailsTo(trusted, user)).toBe(1)
    expect(trusted.received.at(-1)!.secure).toBe(true)
  }

  test('19 stripped: nothing is sent in clear', () => sendsNothingTo(world.stack.smtp.port))

  test('19 with a certificate of somebody else: nothing is sent', async () => {
    const foreign = await tlsServer((await makeCertificates(['127.0.0.1'])).server)
    await sendsNothingTo(foreign.port)
    expect(foreign.received).toEqual([])
    await foreign.stop()
  })

  test('19 with a certificate for another name: nothing is sent', async () => {
    const { server } = await makeCertificates(['mail.example.org'])
    const foreign = await tlsServer(server)
    await sendsNothingTo(foreign.port)
    expect(foreign.received).toEqual([])
    await foreign.stop()
  })
})

describe('Amazon SES', () => {
  let world: TestStack
  beforeAll(async () => {
    world = await start({ 'mail.provider': 'ses' })
  })
  afterEach(() => world.stack.faults.clear())

  const rows: (Row & { effect: FaultEffect })[] = [
    {
      fault: '11 throttles',
      effect: 'throttle',
      says: ['challenge', 'not sent'],
      comesLater: true,
    },
    {
      fault: '12 has suspended the account',
      effect: { status: 400, type: 'AccountSuspendedException' },
      says: ['not sent'],
      comesLater: false,
    },
    {
      fault: '12 has paused sending',
      effect: { status: 400, type: 'SendingPausedException' },
      says: ['not sent'],
      comesLater: false,
    },
    {
      fault: '13 rejects the message',
      effect: { status: 400, type: 'MessageRejected' },
      says: ['not sent'],
      comesLater: false,
    },
    {
      fault: '13 does not know the sender',
      effect: { status: 400, type: 'MailFromDomainNotVerifiedException' },
      says: ['not sent'],
      comesLater: false,
    },
    {
      fault: '14 fails',
      effect: { status: 500, type: 'InternalServiceErrorException' },
      says: ['challenge', 'not sent'],
      comesLater: true,
    },
    {
      fault: '14 is silent',
      effect: 'timeout',
      says: ['challenge', 'not sent'],
      comesLater: true,
    },
    {
      fault: '14 drops the connection',
      effect: 'reset',
      says: ['challenge', 'not sent'],
      comesLater: true,
    },
  ]

  test.each(rows)('$fault', async (row) => {
    const planted = world.stack.faults.add({ service: 'ses', effect: row.effect }, Infinity)
    await survives(world, row, () => planted.remove())
    expect(planted.struck).toBeGreaterThan(0)
  })

  test('14 sends, but its reply is lost: every mail has the same code', async () => {
    const user = await world.addUser()
    const planted = world.stack.faults.add({ service: 'ses', effect: 'lost-reply' }, 2)
    const { id } = await askFor(world, user)
    await expect.poll(() => planted.struck).toBe(2)
    const code = await world.nextCode(user.email)
    for (const { text } of world.unreadMails(user.email)) expect(text).toContain(code)
    expect(isAccepted(await answer(world, user.user, id!, code))).toBe(true)
  })
})
