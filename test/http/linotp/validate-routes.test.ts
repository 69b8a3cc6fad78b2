import { beforeEach, describe, expect, it } from 'vitest'
import { otherThan, type World } from '../../support/world.ts'
import { createLinotpLogins, type LinotpLogins, REJECT, SUCCESS } from './logins.ts'

let world: World
let send: LinotpLogins['send']
let call: LinotpLogins['call']
let triggered: LinotpLogins['triggered']

beforeEach(async () => {
  ;({ world, send, call, triggered } = await createLinotpLogins())
})

describe('simplecheck', () => {
  it('answers by faces, to the byte', async () => {
    const simple = (form: Record<string, string>) => call('simplecheck', form)
    const asked = await simple({ user: 'alice', pass: '1234' })
    expect(asked.headers['content-type']).toMatch(/^text\/plain/)
    const [, state] = /^:-\( ([0-9]{20}) e-mail sent successfully$/.exec(asked.text) ?? []
    expect(state).toBeDefined()
    const pass = world.lastCode()
    expect((await simple({ user: 'alice', pass: otherThan(pass), state: state! })).text).toBe(':-(')
    expect((await simple({ user: 'alice', pass, state: state! })).text).toBe(':-)')
    expect((await simple({ user: 'nobody', pass: '1' })).text).toBe(':-(')
    expect((await simple({ user: 'alice' })).text).toBe(':-(')
    expect((await simple({})).text).toBe(':-(')
    const twice = await send('/linotp/validate/simplecheck', { form: 'user=a&user=b&pass=1' })
    expect(twice.text).toBe(':-(')
  })
})

describe('samlcheck', () => {
  it('tells attributes only where the settings say so', async () => {
    const { transactionid, otp } = await triggered()
    const form = { user: 'alice', pass: otp, transactionid }
    const { json } = await call('samlcheck', form)
    expect(json.result.value).toEqual({ auth: true, attributes: {} })

    world.set({ allowSamlAttributes: 'True' })
    const next = await triggered()
    const told = await call('samlcheck', {
      user: 'alice',
      pass: next.otp,
      transactionid: next.transactionid,
    })
    expect(told.json.result.value).toEqual({
      auth: true,
      attributes: {
        username: 'alice',
        surname: '',
        mobile: '',
        phone: '',
        givenname: '',
        email: 'alice@example.org',
      },
    })
  })

  it('a wrong PIN is no, and a missing one too', async () => {
    const wrong = await call('samlcheck', { user: 'alice', pass: 'x' })
    expect(wrong.json.result.value).toEqual({ auth: false, attributes: {} })
    expect((await call('samlcheck', { user: 'alice' })).json).toEqual(REJECT)
  })
})

describe('check_s', () => {
  const NEITHER = { ...SUCCESS, result: { status: false, value: false } }

  it('logs in by serial, or by a user who has one token', async () => {
    const { json } = await call('check_s', { serial: 'LSEM1', pass: '1234' })
    const { transactionid } = json.detail
    const form = { user: 'alice', pass: world.lastCode(), transactionid }
    expect((await call('check_s', form)).json).toEqual(SUCCESS)
  })

  it.each([
    { pass: '1234' },
    { serial: 'LSEM1' },
    { user: 'nobody', pass: '1234' },
    { user: 'dave', pass: '1234' },
    { user: 'two', pass: '1234' },
  ] as Record<string, string>[])('%j is neither yes nor an error, and no mail', async (form) => {
    await world.addUser('dave')
    const two = await world.addUser('two')
    await world.enrol(two, { serial: 'A' })
    await world.enrol(await world.account('two'), { serial: 'B' })
    expect((await call('check_s', form)).json).toEqual(NEITHER)
    expect(world.mails).toHaveLength(0)
    world.set({ profile: 'hardened' })
    expect((await call('check_s', form)).json).toEqual(REJECT)
  })

  it('a wrong PIN and an unknown serial are rejections', async () => {
    expect((await call('check_s', { serial: 'LSEM1', pass: 'x' })).json).toEqual(REJECT)
    expect((await call('check_s', { serial: 'NONE', pass: 'x' })).json).toEqual(REJECT)
  })
})

describe('ok and fail', () => {
  it.each([
    ['ok', SUCCESS],
    ['fail', REJECT],
  ])('%s is always the same, by GET and POST', async (route, wanted) => {
    expect((await send(`/linotp/validate/${route}`)).json).toEqual(wanted)
    expect((await call(route, {})).json).toEqual(wanted)
  })
})
