import { beforeEach, describe, expect, it, vi } from 'vitest'
import { policy } from '../../support/policies.ts'
import { otherThan } from '../../support/world.ts'
import { type AdminWorld, createAdminWorld, errorOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
  await world.configure({
    'email.delivery_wait': '1',
    ...policy('enrollment', 'verify_enrollment=email hotp'),
  })
})

const TOKEN = { user: 'alice', serial: 'PIEM0001', email: 'v@x.example', pin: 'pin' }
const verify = (otp: string, form: Record<string, string> = {}) =>
  world.call('POST', '/token/init', { form: { serial: 'PIEM0001', verify: otp, ...form } })
const rollout = async () => (await world.account('alice')).tokens.PIEM0001?.rollout

describe('a token whose enrolment is to be verified', () => {
  it('is mailed a code and can be used once it was entered', async () => {
    const { json } = await world.init(TOKEN)
    expect(json.result.value).toBe(true)
    expect(json.detail).toMatchObject({
      rollout_state: 'verify',
      serial: 'PIEM0001',
      verify: { message: 'Enter the OTP from the Email' },
    })
    expect(world.mails.map(({ to }) => to)).toEqual(['v@x.example'])
    expect(await rollout()).toBe('verify')
    const verified = await verify(world.lastCode())
    expect(verified.json.detail).toMatchObject({ rollout_state: 'enrolled', serial: 'PIEM0001' })
    expect(await rollout()).toBe('enrolled')
  })

  it('says the same again once it is verified', async () => {
    await world.init(TOKEN)
    await verify(world.lastCode())
    expect((await verify('000000', { type: 'email' })).json.result.value).toBe(true)
  })

  it('is not verified by a wrong code', async () => {
    await world.init(TOKEN)
    expect(errorOf(await verify(otherThan(world.lastCode())))).toEqual({
      status: 400,
      code: 905,
      message: 'ERR905: Verification of the new token failed.',
    })
    expect(await rollout()).toBe('verify')
  })

  it('cannot be enrolled anew while its code can be entered, and can afterwards', async () => {
    await world.init(TOKEN)
    const again = () => world.init({ serial: 'PIEM0001', email: 'w@x.example' })
    expect(errorOf(await again()).message).toBe(
      "ERR905: Token is in verify_pending state but 'verify' parameter is missing.",
    )
    world.advance(120_000)
    expect((await again()).json.detail.rollout_state).toBe('verify')
    expect(world.mails.at(-1)!.to).toBe('w@x.example')
  })

  it('tells when no mail could be sent; with exception=1 as an error', async () => {
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    const { json } = await world.init(TOKEN)
    const message = 'The PIN was correct, but the EMail could not be sent!'
    expect(json.detail).toMatchObject({ rollout_state: 'verify', verify: { message } })
    const other = { ...TOKEN, user: 'bob', serial: 'PIEMV3', exception: '1' }
    expect((await world.init(other)).status).toBe(500)
    expect((await world.account('bob')).tokens.PIEMV3!.rollout).toBe('verify')
  })

  it('is verified by its own user and by nobody else', async () => {
    await world.configure(policy('user', 'enrollEMAIL', {}, 'users'))
    await world.init(TOKEN)
    const bob = world.callAs(await world.sessionOf('bob', 'bobpw'))
    const form = { serial: 'PIEM0001', verify: world.lastCode() }
    expect((await bob('POST', '/token/init', { form })).status).toBe(404)
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    expect((await alice('POST', '/token/init', { form })).status).toBe(200)
  })
})

it('change_pin_on_first_use marks the PIN that an administrator chose, not that of the user', async () => {
  await world.configure(policy('user', 'enrollEMAIL', {}, 'users'))
  await world.configure(policy('enrollment', 'change_pin_on_first_use'))
  await world.init(TOKEN)
  const bob = world.callAs(await world.sessionOf('bob', 'bobpw'))
  await bob('POST', '/token/init', {
    form: { type: 'email', serial: 'PIEMBOB', email: 'b@x.example', pin: 'pin' },
  })
  expect((await world.account('alice')).tokens.PIEM0001!.pinChangeDue).toBe(world.now())
  expect((await world.account('bob')).tokens.PIEMBOB).not.toHaveProperty('pinChangeDue')
})

it('users have as many domains looked up an hour as they may ask for addresses, others no fewer', async () => {
  await world.configure(policy('user', 'enrollEMAIL', {}, 'users'))
  const asked: string[] = []
  world.ports.domains = {
    async check(domain) {
      asked.push(domain)
      return 'unknown_domain'
    },
  }
  const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
  const form = (number: number) => ({ type: 'email', email: `a@d${number}.example`, pin: 'pin' })
  for (let number = 0; number < 8; number++) {
    const answer = await alice('POST', '/token/init', { form: form(number) })
    const message =
      number < 5 ? /^ERR905: email .* does not exist/ : /^ERR905: email was not looked/
    expect(errorOf(answer).message).toMatch(message)
    expect(answer.status).toBe(400)
  }
  expect(asked).toHaveLength(5)
  expect(Object.keys((await world.account('alice')).tokens)).toEqual([])
  for (let number = 0; number < 8; number++) await world.init({ ...form(number), user: 'alice' })
  expect(asked).toHaveLength(13)
})
