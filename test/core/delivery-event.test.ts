import { describe, expect, it } from 'vitest'
import { type DeliveryEvent, takeDeliveryEvent } from '../../functions/core/delivery-event.ts'
import { mailState } from '../../functions/core/mail-fate.ts'
import { reportSeal } from '../../functions/core/report-seal.ts'
import { createWorld, NOW } from '../support/world.ts'

async function mailed() {
  const world = createWorld()
  const token = await world.enrol(await world.addUser('alice'), { serial: 'EM1' })
  const outcome = await world.check({ user: 'alice', pass: '1234' })
  if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
  const { transactionId } = outcome.issued[0]!
  const key = await world.ports.keyring.key('report')
  const report = (changes: Partial<DeliveryEvent>) => {
    const event: DeliveryEvent = {
      about: { kind: 'login', transactionId, serial: token.serial },
      ...{ state: 'delivered', permanent: false, at: NOW + 1000, to: 'alice@example.org' },
      ...{ messageId: 'm1', words: '250 ok' },
      ...changes,
    }
    const { kind = 'login', ...ids } = event.about
    const seal = reportSeal(key, { kind, ...ids }, event.to ?? '')
    return takeDeliveryEvent(world.ports, { seal, ...event })
  }
  const state = async () => mailState((await world.ports.challenges.get(transactionId, 'EM1'))!)
  const events = () => world.lines.filter(({ message }) => message === 'delivery event')
  return { ...world, transactionId, report, state, events }
}

const BOUNCE = { state: 'bounced', permanent: true, words: '550 5.1.1' } as const

describe('fault 31: reports of a mail', () => {
  it.each<[string, Partial<DeliveryEvent>[], string]>([
    ['none', [], 'sent'],
    ['sent', [{ state: 'sent' }], 'sent'],
    ['delayed', [{ state: 'delayed' }], 'delayed'],
    ['delivered', [{ state: 'delivered' }], 'delivered'],
    ['delayed, delivered', [{ state: 'delayed' }, {}], 'delivered'],
    ['a vacation notice', [{}, { state: 'bounced' }], 'delivered'],
    ['a mailbox that is full', [{ state: 'delayed' }, { state: 'bounced' }], 'bounced'],
    ['lost behind the server that took it', [{}, BOUNCE], 'bounced'],
    ['complained', [{}, { state: 'complained' }], 'delivered'],
    ['rejected', [{ state: 'failed' }], 'failed'],
  ])('come to the same in every order, and twice: %s', async (_, reports, expected) => {
    for (const order of [reports, reports.toReversed(), [...reports, ...reports.toReversed()]]) {
      const { report, state } = await mailed()
      for (const one of order) await report(one)
      expect(await state()).toBe(expected)
    }
  })

  it('do not bring a challenge back that is gone', async () => {
    const { report, ports } = await mailed()
    const gone = { transactionId: '99999999999999999999', serial: 'EM1' }
    expect(await report({ about: { kind: 'login', ...gone } })).toBe(true)
    expect(await ports.challenges.get(gone.transactionId, 'EM1')).toBeUndefined()
  })

  it('are one line each, with no address and no code', async () => {
    const { report, events, transactionId } = await mailed()
    await report(BOUNCE)
    expect(events()).toEqual([
      {
        ...{ level: 'info', message: 'delivery event', record: 'delivery', kind: 'login' },
        ...{ transaction_id: transactionId, serial: 'EM1', user: 'alice', realm: 'demo' },
        ...{ state: 'bounced', failure: 'permanent', provider: 'ses', message_id: 'm1' },
        ...{ reported_at: new Date(NOW + 1000).toISOString(), reply: '550 5.1.1' },
        address: 'undeliverable',
      },
    ])
  })

  it('of mails of others change nothing, whatever tags they have, and are no delivery', async () => {
    const { report, events, account, state, lines, transactionId, ports } = await mailed()
    const key = await ports.keyring.key('report')
    const about = { kind: 'login', transactionId, serial: 'EM1' } as const
    const sealed = (to: string, more: object = {}) => reportSeal(key, { ...about, ...more }, to)
    const forged: Partial<DeliveryEvent>[] = [
      { seal: '' },
      { seal: 'A'.repeat(22) },
      // as a mail of ours to somebody else, or about something else, had it
      { seal: sealed('bob@example.org') },
      { seal: sealed('alice@example.org', { serial: 'EM2' }) },
      { seal: sealed('alice@example.org', { transactionId: '99999999999999999999' }) },
      { seal: sealed('alice@example.org', { kind: 'notice' }) },
      { about: {} },
      { about: { serial: 'EM1' }, seal: sealed('alice@example.org') },
      { ...{ seal: sealed('alice@example.org') }, to: 'bob@example.org' },
    ]
    for (const one of forged) expect(await report({ ...BOUNCE, seal: 'x', ...one })).toBe(false)
    expect(await state()).toBe('sent')
    expect(await account('alice')).not.toHaveProperty('undeliverable')
    expect(events()).toEqual([])
    const told = lines.filter(({ message }) => message === 'report of a mail of others')
    expect(told).toHaveLength(forged.length)
    expect(told[0]).toEqual({ level: 'warn', message: told[0]!.message, message_id: 'm1' })

    expect(await report({ ...BOUNCE, to: 'Alice@EXAMPLE.org' })).toBe(true)
    expect(await account('alice')).toHaveProperty('undeliverable')
  })

  it('of which SES names several recipients are none of ours', async () => {
    const { report, account } = await mailed()
    expect(await report({ ...BOUNCE, to: undefined } as object)).toBe(false)
    expect(await account('alice')).not.toHaveProperty('undeliverable')
  })
})

describe('R03: a mailbox that cannot be reached', () => {
  it.each<[Partial<DeliveryEvent>, string]>([
    [BOUNCE, 'bounce'],
    [{ state: 'complained' }, 'complaint'],
  ])('gets no further code after %o, and the login is told what others are', async (one, why) => {
    const { report, check, account, mails } = await mailed()
    await report(one)
    await report(one)
    expect(Object.values((await account('alice')).undeliverable!)).toMatchObject([{ why }])
    const outcome = await check({ user: 'alice', pass: '1234' })
    expect(outcome).toMatchObject({ outcome: 'rejected', reason: 'undeliverable' })
    expect(mails).toHaveLength(1)
  })

  it.each<[Partial<DeliveryEvent>]>([
    [{ state: 'bounced', permanent: false }],
    [{ state: 'delayed' }],
    [{ state: 'failed' }],
    [{ ...BOUNCE, to: 'somebody@else.example' }],
  ])('is not one after %o', async (one) => {
    const { report, check } = await mailed()
    await report(one)
    expect(await check({ user: 'alice', pass: '1234' })).toMatchObject({ outcome: 'challenged' })
  })

  it('is found long after its challenge is gone', async () => {
    const { report, account } = await mailed()
    await report({
      ...BOUNCE,
      about: { kind: 'login', transactionId: '99999999999999999999', serial: 'EM1' },
    })
    expect(await account('alice')).toHaveProperty('undeliverable')
  })

  it('leaves the other token of its owner, which is offered', async () => {
    const { report, check, enrol, account } = await mailed()
    await enrol(await account('alice'), { serial: 'EM2', email: 'alice@home.example' })
    await report(BOUNCE)
    const outcome = await check({ user: 'alice', pass: '1234' })
    expect(outcome).toMatchObject({ outcome: 'challenged', issued: [{ serial: 'EM2' }] })
  })

  it('is tried again with another address', async () => {
    const { report, check, ports, account } = await mailed()
    await report(BOUNCE)
    const before = await account('alice')
    const token = { ...before.tokens.EM1!, email: 'alice@new.example' }
    await ports.accounts.save(before, { ...before, tokens: { EM1: token } })
    expect(await check({ user: 'alice', pass: '1234' })).toMatchObject({ outcome: 'challenged' })
  })
})
