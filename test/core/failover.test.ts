import { beforeEach, describe, expect, it } from 'vitest'
import { FIRST_OPEN_MS } from '../../functions/core/circuit-breaker.ts'
import { deliverOtp } from '../../functions/core/deliver-otp.ts'
import type {
  DeliveryReference,
  SendFailure,
  SendLimits,
  Sent,
} from '../../functions/core/ports.ts'
import { BUDGET_MS, READY_MS } from '../../functions/core/send-by-providers.ts'
import { authentication } from '../support/policies.ts'
import { codeIn, createWorld, type World } from '../support/world.ts'

const server = (sender: string) => JSON.stringify({ server: 'smtp.example.org', sender })
const PROVIDERS = {
  'providers/main': server('main@example.org'),
  'providers/spare': server('spare@example.org'),
  'providers/third': server('third@example.org'),
}
const OK: Sent = { sent: true, reply: '250 ok' }
const fails = (failure: SendFailure): Sent => ({ sent: false, failure, reply: `no: ${failure}` })

type Try = { by: string; code: string; from: string; limits: SendLimits | undefined }
let world: World
let references: DeliveryReference[]
let tries: Try[]
/** What each provider answers; a list is used up from the front, its last answer stays. */
let answers: Record<string, Sent | Sent[] | (() => Sent | Promise<Sent>)>

beforeEach(() => setUp())
async function setUp(settings: Record<string, string> = {}) {
  references = []
  tries = []
  answers = {}
  world = createWorld({
    settings: {
      ...PROVIDERS,
      'email.delivery_wait': '0',
      'email.identifier': 'main, spare',
      'mail.per_hour': '0',
      'mail.per_day': '0',
      ...settings,
    },
  })
  world.ports.outbox.send = async (sent) => void references.push(...sent)
  world.mailServer((mail, by = '(flat)', limits) => {
    tries.push({ by, code: codeIn(mail), from: mail.from, limits })
    const answer = answers[by] ?? OK
    if (typeof answer === 'function') return answer()
    return Array.isArray(answer) ? (answer.length > 1 ? answer.shift()! : answer[0]!) : answer
  })
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', pin: '' })
}

async function triggered() {
  await world.check({ user: 'alice', pass: '' })
  return references.at(-1)!
}
const deliver = (reference: DeliveryReference) => deliverOtp(world.deliverPorts, reference)
/** Delivers a new code; how that ended. */
const deliverNew = async () => deliver(await triggered())
const stored = ({ transactionId, serial }: DeliveryReference) =>
  world.ports.challenges.get(transactionId, serial)
const triedBy = () => tries.splice(0).map(({ by }) => by)
const logged = (message: string) => world.lines.filter((line) => line.message === message)

describe('a provider that fails with', () => {
  it.each<[SendFailure, string[], 'done' | 'retry', 'sent' | 'failed' | 'queued']>([
    ['transient', ['main', 'spare'], 'done', 'sent'],
    ['configuration', ['main', 'spare'], 'done', 'sent'],
    ['quota', ['main', 'spare'], 'done', 'sent'],
    ['suspended', ['main', 'spare'], 'done', 'sent'],
    ['unknown', ['main'], 'retry', 'queued'],
    ['address', ['main'], 'done', 'failed'],
  ])('%s: %j are tried, %s, %s', async (failure, by, delivery, state) => {
    answers.main = fails(failure)
    const reference = await triggered()
    expect(await deliver(reference)).toBe(delivery)
    expect(triedBy()).toEqual(by)
    expect(await stored(reference)).toMatchObject({ delivery: state, provider: by.at(-1) })
  })
})

describe('the next provider', () => {
  it('X27: sends the same code, from its own sender, and the code lets in', async () => {
    answers.main = fails('transient')
    const reference = await triggered()
    await deliver(reference)
    expect(tries.map(({ from }) => from)).toEqual(['main@example.org', 'spare@example.org'])
    expect(tries[0]!.code).toBe(tries[1]!.code)
    const { transactionId } = reference
    const outcome = await world.check({ user: 'alice', transactionId, pass: tries[1]!.code })
    expect(outcome).toMatchObject({ outcome: 'accepted' })
  })

  it('comes first at the retry when nobody knows whether the other has sent', async () => {
    answers.main = fails('unknown')
    const reference = await triggered()
    expect(await deliver(reference)).toBe('retry')
    expect(await deliver(reference)).toBe('done')
    expect(new Set(tries.map(({ code }) => code)).size).toBe(1)
    expect(triedBy()).toEqual(['main', 'spare'])
    expect(await deliver(reference)).toBe('done')
    expect(triedBy()).toEqual([])
  })

  it('is not there: the first one tries again', async () => {
    await setUp({ 'email.identifier': 'main' })
    answers.main = [fails('unknown'), OK]
    const reference = await triggered()
    expect(await deliver(reference)).toBe('retry')
    expect(await deliver(reference)).toBe('done')
    expect(triedBy()).toEqual(['main', 'main'])
  })

  it('takes over when the first is not in the settings', async () => {
    await setUp({ 'email.identifier': 'gone, spare' })
    expect(await deliverNew()).toBe('done')
    expect(triedBy()).toEqual(['spare'])
  })

  it('takes over when the mail of the first cannot be written, or its secret not be read', async () => {
    const { mailer, compose } = world.deliverPorts
    world.deliverPorts.compose = async (message, settings, provider) =>
      provider?.name === 'main' ? { unwritable: 'no such template' } : compose(message, settings)
    expect(await deliverNew()).toBe('done')
    world.deliverPorts.compose = compose
    world.deliverPorts.mailer = (settings, provider) =>
      provider?.name === 'main' ? Promise.reject(new Error('down')) : mailer(settings, provider)
    expect(await deliverNew()).toBe('done')
    expect(triedBy()).toEqual(['spare', 'spare'])
    expect(logged('provider state')).toEqual([])
  })
})

describe('when all fail', () => {
  it.each<[SendFailure[], 'done' | 'retry']>([
    [['configuration', 'configuration'], 'done'],
    [['configuration', 'suspended'], 'done'],
    [['transient', 'configuration'], 'retry'],
    [['configuration', 'quota'], 'retry'],
    [['configuration', 'unknown'], 'retry'],
    [['transient', 'address'], 'done'],
  ])('by %j: %s', async ([main, spare], delivery) => {
    Object.assign(answers, { main: fails(main!), spare: fails(spare!) })
    const reference = await triggered()
    expect(await deliver(reference)).toBe(delivery)
    const reply = `no: ${spare}`
    const state = spare === 'unknown' ? 'queued' : 'failed'
    expect(await stored(reference)).toMatchObject({ delivery: state, reply, provider: 'spare' })
  })

  it('the retry sends by whoever is back', async () => {
    answers = { main: [fails('transient'), OK], spare: fails('transient') }
    const reference = await triggered()
    expect(await deliver(reference)).toBe('retry')
    expect(await deliver(reference)).toBe('done')
    expect(triedBy()).toEqual(['main', 'spare', 'main'])
  })
})

describe('who is asked', () => {
  it('is the one without a name where none is named', async () => {
    await setUp({ 'email.identifier': '' })
    await deliverNew()
    expect(triedBy()).toEqual(['(flat)'])
    expect(logged('delivered')).toMatchObject([{ provider: 'ses' }])
  })

  it('is the one of a policy for this login, and its fallbacks', async () => {
    await setUp(authentication('email_provider=third main', { user: 'alice' }))
    answers.third = fails('transient')
    await deliverNew()
    expect(triedBy()).toEqual(['third', 'main'])
  })

  it('is only the one the token names', async () => {
    await world.enrol(await world.account('alice'), {
      serial: 'EMALICE',
      pin: '',
      identifier: 'third',
    })
    answers.third = fails('transient')
    expect(await deliverNew()).toBe('retry')
    expect(triedBy()).toEqual(['third'])
  })

  it('is nobody where policies contradict each other', async () => {
    await setUp({
      ...authentication('email_provider=main', {}, 'p'),
      ...authentication('email_provider=spare', {}, 'q'),
    })
    const reference = await triggered()
    expect(await deliver(reference)).toBe('done')
    expect(triedBy()).toEqual([])
    const reply = 'p and q contradict each other about email_provider'
    expect(await stored(reference)).toMatchObject({ delivery: 'failed', reply })
    expect(logged('not delivered')).toMatchObject([{ failure: 'configuration', reply }])
  })
})

describe('time', () => {
  it('is shared: one that others may follow must be ready soon, the last may have it all', async () => {
    await setUp({ 'email.identifier': 'main, spare, third' })
    answers.main = answers.spare = () => {
      world.advance(READY_MS)
      return fails('transient')
    }
    await deliverNew()
    expect(tries.map(({ limits }) => limits)).toEqual([
      { timeoutMs: BUDGET_MS, readyMs: READY_MS },
      { timeoutMs: BUDGET_MS - READY_MS, readyMs: READY_MS },
      { timeoutMs: BUDGET_MS - 2 * READY_MS, readyMs: BUDGET_MS - 2 * READY_MS },
    ])
  })

  it('ends with the challenge', async () => {
    const reference = await triggered()
    const { expiresAt } = (await stored(reference))!
    world.advance(expiresAt - 1000 - world.now())
    answers.main = () => {
      world.advance(500)
      return fails('transient')
    }
    await deliver(reference)
    expect(tries.map(({ limits }) => limits)).toEqual([
      { timeoutMs: 1000, readyMs: 500 },
      { timeoutMs: 500, readyMs: 500 },
    ])
  })

  it('that one provider has used up leaves the others to the retry', async () => {
    answers.main = () => {
      world.advance(BUDGET_MS)
      return fails('configuration')
    }
    expect(await deliverNew()).toBe('retry')
    expect(triedBy()).toEqual(['main'])
  })
})

describe('a provider that fails again and again', () => {
  it('is left out for a while, then tried by one mail', async () => {
    answers.main = fails('transient')
    for (let mail = 0; mail < 4; mail++) await deliverNew()
    const pair = ['main', 'spare']
    expect(triedBy()).toEqual([...pair, ...pair, ...pair, 'spare'])
    world.advance(FIRST_OPEN_MS)
    await deliverNew()
    expect(triedBy()).toEqual(pair)
    world.advance(2 * FIRST_OPEN_MS)
    answers.main = OK
    for (let mail = 0; mail < 2; mail++) await deliverNew()
    expect(triedBy()).toEqual(['main', 'main'])
    expect(logged('provider state')).toMatchObject([
      { level: 'error', provider: 'main', state: 'open', open_seconds: 30 },
      { level: 'warn', provider: 'main', state: 'half_open' },
      { level: 'error', provider: 'main', state: 'open', open_seconds: 60 },
      { level: 'warn', provider: 'main', state: 'half_open' },
      { level: 'warn', provider: 'main', state: 'closed' },
    ])
  })

  it.each<SendFailure>(['suspended', 'quota'])('is left out at once when %s', async (failure) => {
    answers.main = fails(failure)
    for (let mail = 0; mail < 2; mail++) await deliverNew()
    expect(triedBy()).toEqual(['main', 'spare', 'spare'])
  })

  it('is not one that refuses addresses', async () => {
    answers.main = fails('address')
    for (let mail = 0; mail < 5; mail++) await deliverNew()
    expect(triedBy()).toEqual(['main', 'main', 'main', 'main', 'main'])
  })

  it('is asked anyway when there is no other, first the one that has rested longest', async () => {
    answers.main = fails('suspended')
    await deliverNew()
    world.advance(1)
    answers.spare = fails('suspended')
    await deliverNew()
    triedBy()
    expect(await deliverNew()).toBe('retry')
    expect(triedBy()).toEqual(['main'])
    answers.main = OK
    expect(await deliverNew()).toBe('done')
    expect(await deliverNew()).toBe('done')
    expect(triedBy()).toEqual(['main', 'main'])
  })

  it('gives all the time to the only one that is left', async () => {
    answers.spare = fails('suspended')
    answers.main = [fails('transient'), OK]
    await deliverNew()
    tries.length = 0
    await deliverNew()
    expect(tries.map(({ limits }) => limits!.readyMs)).toEqual([BUDGET_MS])
  })

  it('starts anew with other settings', async () => {
    answers.main = fails('suspended')
    await deliverNew()
    await deliverNew()
    world.set({ 'providers/main': server('other@example.org') })
    triedBy()
    answers.main = OK
    await deliverNew()
    expect(triedBy()).toEqual(['main'])
  })

  it('leaves the retry to the queue while it rests', async () => {
    answers.main = fails('suspended')
    await deliverNew()
    answers.spare = fails('configuration')
    expect(await deliverNew()).toBe('retry')
  })
})

describe('the log', () => {
  it('names who sent, and who failed before in which words', async () => {
    await deliverNew()
    answers.main = fails('configuration')
    await deliverNew()
    const [plain, second] = logged('delivered')
    expect(plain).toMatchObject({ provider: 'main', reply: '250 ok' })
    expect(plain).not.toHaveProperty('attempts')
    expect(second).toMatchObject({
      provider: 'spare',
      reply: '250 ok',
      attempts: [{ provider: 'main', failure: 'configuration', reply: 'no: configuration' }],
    })
  })

  it('names every failure when nobody sent, in one line', async () => {
    answers.main = fails('transient')
    answers.spare = fails('suspended')
    await deliverNew()
    expect(logged('not delivered')).toMatchObject([
      {
        level: 'error',
        provider: 'spare',
        failure: 'suspended',
        reply: 'no: suspended',
        attempts: [
          { provider: 'main', failure: 'transient', reply: 'no: transient' },
          { provider: 'spare', failure: 'suspended', reply: 'no: suspended' },
        ],
      },
    ])
  })
})

it('twice at the same time mails once, also while it fails over', async () => {
  answers.main = fails('transient')
  const reference = await triggered()
  const outcomes = await Promise.all([deliver(reference), deliver(reference)])
  expect(outcomes.sort()).toEqual(['done', 'retry'])
  expect(triedBy()).toEqual(['main', 'spare'])
})
