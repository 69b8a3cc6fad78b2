import { beforeEach, describe, expect, it, vi } from 'vitest'
import { changePin } from '../../../functions/core/self/change-pin.ts'
import { disputeChange } from '../../../functions/core/registration.ts'
import { swapAddress } from '../../../functions/core/registration/swap-address.ts'
import { removeUser, updateUser } from '../../../functions/core/users.ts'
import { policy } from '../../support/policies.ts'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const SERIAL = 'PIEM0001'
let world: AdminWorld
let session: string
beforeEach(async () => {
  world = await createAdminWorld()
  world.set({ 'selfservice.url': 'https://otp.example.org/self' })
  await world.configure({
    'policies/own': JSON.stringify({ scope: 'user', action: 'setpin, disable, setdescription' }),
  })
  await world.init({ user: 'alice', dynamic_email: '1', pin: 'pin', serial: SERIAL })
  session = await world.sessionOf('alice', 'alicepw')
})

const tokens = (by = session) => world.callAs(by)('GET', '/token/')
async function expectEnded(by = session) {
  const { status, code, message } = errorOf(await tokens(by))
  expect({ status, code, message }).toEqual({
    ...{ status: 401, code: 4304 },
    message: 'Authentication failure. This session has been ended: sign in again.',
  })
}

describe('a session of a user at /auth ends', () => {
  it('when the owner of the address before says that it was somebody else', async () => {
    const change = { address: 'thief@example.net', method: 'self' } as const
    await swapAddress(world.ports, await world.account('alice'), change)
    expect((await tokens()).status).toBe(200)
    const { text } = world.mails.findLast(({ to }) => to === 'alice@example.org')!
    const [, reference = ''] = /#dispute=([0-9]{20})/.exec(text)!
    const [code] = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(text)!
    expect(await disputeChange(world.ports, reference, code, 'n1')).toMatchObject({
      disputed: true,
    })
    await expectEnded()
  })

  it.each(['another', ''])('with the password, which becomes %j', async (password) => {
    const form = { user: 'alice', realm: 'realm1', password }
    expect(valueOf(await world.call('PUT', '/user/', { form }))).toBeTruthy()
    await expectEnded()
  })

  it('with the PIN, changed by an administrator, at the self-service, or by its holder', async () => {
    const change = { new: 'other', caller: { clientIp: '10.0.0.1' } }
    const changes = [
      () => world.call('POST', `/token/setpin/${SERIAL}`, { form: { otppin: 'other' } }),
      async () => changePin(world.ports, await world.account('alice'), change),
      () => world.init({ user: 'alice', dynamic_email: '1', pin: 'anew', serial: SERIAL }),
      () =>
        world.callAs(session)('POST', '/token/setpin', { form: { otppin: 'o', serial: SERIAL } }),
    ]
    for (const change of changes) {
      session = await world.sessionOf('alice', 'alicepw')
      expect((await tokens()).status).toBe(200)
      await change()
      await expectEnded()
    }
  })

  it('and a new one begins, whatever the clock says', async () => {
    world.advance(-60_000)
    await updateUser(world.ports, 'realm1', 'alice', { password: undefined })
    await world.call('PUT', '/user/', {
      form: { user: 'alice', realm: 'realm1', password: 'new' },
    })
    await expectEnded()
    expect((await tokens(await world.sessionOf('alice', 'new'))).status).toBe(200)
  })

  it('for good with the user, whoever is made anew under the name', async () => {
    await removeUser(world.ports, 'realm1', 'alice')
    const account = await world.addUser('alice', 'other.alice@example.org', 'realm1')
    await world.enrol(account, { serial: SERIAL })
    await expectEnded()
    const form = { user: 'alice', realm: 'realm1', password: 'hers' }
    await world.call('PUT', '/user/', { form })
    await expectEnded()
    expect((await tokens(await world.sessionOf('alice', 'hers'))).status).toBe(200)
  })

  it('before it begins, when the password was changed while the old one was looked at', async () => {
    const { accounts } = world.ports
    const save = accounts.save.bind(accounts)
    let changed = false
    accounts.save = async (before, after) => {
      if (!changed) {
        changed = true
        await updateUser(world.ports, 'realm1', 'alice', { password: undefined })
      }
      return save(before, after)
    }
    await expectEnded(await world.sessionOf('alice', 'alicepw'))
  })
})

describe('a session that stands on a token', () => {
  beforeEach(async () => {
    await world.configure(policy('webui', 'login_mode=privacyIDEA'))
  })
  async function signIn() {
    const password = 'pin'
    const asked = await world.send('/auth', { form: { username: 'alice', password } })
    const { transaction_id } = asked.json.detail
    const form = { username: 'alice', password: world.lastCode(), transaction_id }
    return (await world.send('/auth', { form })).json.result.value.token as string
  }

  it('ends with the PIN, and others of the user with it', async () => {
    const one = await signIn()
    await changePin(world.ports, await world.account('alice'), {
      ...{ new: 'other', caller: { clientIp: '10.0.0.1' } },
    })
    await expectEnded(one)
    await expectEnded()
  })

  it('ends before it begins when the PIN is changed while its code is looked at', async () => {
    await world.configure({
      ...policy('webui', 'login_mode=privacyIDEA', {}, 'mode'),
      // has the login write to the account, as it is by then
      ...policy('authorization', 'auth_max_success=9/1h', {}, 'limit'),
    })
    const { challenges } = world.ports
    const guess = challenges.guess.bind(challenges)
    challenges.guess = async (one) => {
      const change = { new: 'other', caller: { clientIp: '10.0.0.1' } }
      await changePin(world.ports, await world.account('alice'), change)
      return guess(one)
    }
    await expectEnded(await signIn())
  })

  it('is the one that goes on when the sign-in itself was asked for a new PIN', async () => {
    await world.configure({
      ...policy('authentication', 'change_pin_via_validate'),
      ...policy('enrollment', 'change_pin_on_first_use', {}, 'first'),
      ...policy('webui', 'login_mode=privacyIDEA', {}, 'mode'),
    })
    await world.init({ user: 'alice', dynamic_email: '1', pin: 'pin', serial: 'PIEM0002' })
    await world.call('DELETE', `/token/${SERIAL}`)
    let answer = await world.send('/auth', { form: { username: 'alice', password: 'pin' } })
    let session = ''
    for (const password of [world.lastCode, () => 'chosen', () => 'chosen']) {
      const { transaction_id } = answer.json.detail
      const typed = { username: 'alice', password: password(), transaction_id }
      answer = await world.send('/auth', { form: typed })
      session = answer.json.result.value?.token
    }
    expect((await tokens(session)).status).toBe(200)
  })
})

it.each(['disable', 'description'])('a session outlives the change %s', async (what) => {
  const form = { serial: SERIAL, description: 'mine' }
  await world.callAs(session)('POST', `/token/${what}`, { form })
  expect((await tokens()).status).toBe(200)
})
