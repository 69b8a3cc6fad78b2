import { beforeEach, describe, expect, it } from 'vitest'
import { authentication } from '../../support/policies.ts'
import { otherThan, type World } from '../../support/world.ts'
import { createLinotpLogins, type LinotpLogins, REJECT } from './logins.ts'

let world: World
let logins: LinotpLogins
const call = async (route: string, form: Record<string, string>) =>
  (await logins.call(route, form)).json

beforeEach(async () => {
  logins = await createLinotpLogins()
  ;({ world } = logins)
})

describe('check_t', () => {
  it('answers by the transaction alone, and counts failures', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const wrong = await call('check_t', { transactionid: transactionId, pass: otherThan(otp) })
    expect(wrong).toMatchObject({
      result: { status: true, value: { value: false, failcount: 1 } },
      detail: { value: false, failcount: 1, token_type: 'email', serial: 'LSEM1' },
      id: 1,
    })
    expect((await world.account('alice')).tokens.LSEM1!.failcount).toBe(1)
    const right = await call('check_t', { state: transactionId, pass: otp })
    expect(right).toMatchObject({
      result: { status: true, value: { value: true, failcount: 0 } },
      detail: { value: true, failcount: 0, token_type: 'email', serial: 'LSEM1' },
      id: 1,
    })
  })

  it('says when there is nothing to answer, for an answered one too', async () => {
    const none = (transaction: string) => ({
      result: { status: true, value: { value: false, failcount: 0 } },
      detail: { value: false, failure: `No challenge for transaction '${transaction}' found` },
      id: 1,
    })
    expect(await call('check_t', { transactionid: '17', pass: '1' })).toMatchObject(none('17'))
    const { transactionId, otp } = await world.triggered('alice')
    await call('check_t', { transactionid: transactionId, pass: otp })
    const again = await call('check_t', { transactionid: transactionId, pass: otp })
    expect(again).toMatchObject(none(transactionId))
  })

  it('a missing parameter is a plain no; where the profile is hardened, all else too', async () => {
    expect(await call('check_t', { pass: '1' })).toEqual(REJECT)
    expect(await call('check_t', { transactionid: '17' })).toEqual(REJECT)
    world.set({ profile: 'hardened' })
    expect(await call('check_t', { transactionid: '17', pass: '1' })).toEqual(REJECT)
    const { transactionId, otp } = await world.triggered('alice')
    const form = { transactionid: transactionId, pass: otherThan(otp) }
    expect(await call('check_t', form)).toEqual(REJECT)
  })
})

describe('check_status', () => {
  const status = (form: Record<string, string>) => call('check_status', form)

  it('tells who knows the PIN how a transaction stands', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const form = { transactionid: transactionId, pass: '1234' }
    const told = (counts: object) => ({
      ...REJECT,
      result: { status: true, value: true },
      detail: {
        transactions: {
          [transactionId]: {
            message: 'e-mail sent successfully',
            token: { serial: 'LSEM1', type: 'email' },
            ...counts,
          },
        },
      },
    })
    expect(await status(form)).toEqual(
      told({ received_count: 0, received_tan: false, valid_tan: false, status: 'open' }),
    )
    await call('check_t', { transactionid: transactionId, pass: otherThan(otp) })
    expect(await status(form)).toEqual(
      told({ received_count: 1, received_tan: true, valid_tan: false, status: 'open' }),
    )
    await call('check_t', { transactionid: transactionId, pass: otp })
    expect(await status({ ...form, user: 'alice' })).toEqual(
      told({ received_count: 2, received_tan: true, valid_tan: true, status: 'closed' }),
    )
  })

  it('one that a newer code replaced is closed', async () => {
    world.set({ EmailBlockingTimeout: '0' })
    const { transactionId } = await world.triggered('alice')
    await world.triggered('alice')
    const { detail } = await status({ transactionid: transactionId, pass: '1234' })
    expect(detail.transactions[transactionId]).toMatchObject({ valid_tan: false, status: 'closed' })
  })

  it('names the challenges of several tokens by their numbers', async () => {
    await world.enrol(await world.account('alice'), { serial: 'LSEM2', email: 'b@example.org' })
    const { transactionId, otp } = await world.triggered('alice')
    const form = { transactionid: transactionId, pass: '1234' }
    const names = async (form: Record<string, string>) =>
      Object.entries((await status(form)).detail.transactions).map(([name, one]) => [
        name,
        (one as { token: { serial: string } }).token.serial,
      ])
    const [first, second] = [`${transactionId}.01`, `${transactionId}.02`]
    expect(await names(form)).toEqual([
      [first, 'LSEM1'],
      [second, 'LSEM2'],
    ])
    expect(await names({ ...form, transactionid: second })).toEqual([[second, 'LSEM2']])
    expect(await names({ ...form, serial: 'LSEM1' })).toEqual([[first, 'LSEM1']])
    // the answer of one closes the other, which nobody has answered
    await call('check', { user: 'alice', transactionid: transactionId, pass: otp })
    const { transactions } = (await status(form)).detail
    expect(Object.values(transactions).map((one: any) => [one.valid_tan, one.status])).toEqual(
      expect.arrayContaining([
        [true, 'closed'],
        [false, 'closed'],
      ]),
    )
  })

  it.each([
    { pass: 'wrong' },
    { pass: '' },
    {},
    { pass: '1234', user: 'bob' },
    { pass: '1234', user: 'nobody' },
    { pass: '1234', serial: 'NONE' },
  ])('%j sees nothing', async (form) => {
    await world.enrol(await world.addUser('bob'), { serial: 'BOB' })
    const { transactionId } = await world.triggered('alice')
    expect(await status({ transactionid: transactionId, ...form } as never)).toEqual(REJECT)
  })

  it('an unknown or expired transaction is nothing to see', async () => {
    const { transactionId } = await world.triggered('alice')
    expect(await status({ transactionid: '01234567890123456789', pass: '1234' })).toEqual(REJECT)
    expect(await status({ pass: '1234' })).toEqual(REJECT)
    world.advance(120_001)
    expect(await status({ transactionid: transactionId, pass: '1234' })).toEqual(REJECT)
  })

  it('is throttled like a login: a guessed PIN is not told before its time', async () => {
    const { transactionId } = await world.triggered('alice')
    for (let guess = 0; guess < 5; guess++) {
      await status({ transactionid: transactionId, pass: `wrong${guess}` })
    }
    expect((await world.account('alice')).pinFailures).toBe(5)
    expect(await status({ transactionid: transactionId, pass: '1234' })).toEqual(REJECT)
    world.advance(20_000)
    const { result } = await status({ transactionid: transactionId, pass: '1234' })
    expect(result.value).toBe(true)
    expect((await world.account('alice')).pinFailures).toBe(0)
  })

  it('a burst of right PINs after delays were earned learns no more than one', async () => {
    const { transactionId } = await world.triggered('alice')
    const tries = Array.from({ length: 20 }, (_, index) => `guess${index}`)
    await Promise.all(tries.map((pass) => status({ transactionid: transactionId, pass })))
    expect((await world.account('alice')).pinFailures).toBe(5)
  })

  it('goes by otppin, as a login would', async () => {
    world.set(authentication('otppin=only_otp'))
    const { transactionId } = await world.triggered('alice', '')
    expect(await status({ transactionid: transactionId, pass: '1234' })).toEqual(REJECT)
    expect((await status({ transactionid: transactionId, pass: '' })).result.value).toBe(true)
  })
})
