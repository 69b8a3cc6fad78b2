import { beforeEach, describe, expect, it } from 'vitest'
import { passwordHash, updateUser } from '../../../functions/core/users.ts'
import { authentication, authorization, policy } from '../../support/policies.ts'
import type { World } from '../../support/world.ts'
import { createLinotpLogins, type LinotpLogins, REJECT, SUCCESS } from './logins.ts'

let world: World
let check: LinotpLogins['check']
let triggered: LinotpLogins['triggered']

beforeEach(async () => {
  ;({ world, check, triggered } = await createLinotpLogins())
})

describe('policies', () => {
  it('detail_on_success tells who got in by what', async () => {
    const { transactionid, otp } = await triggered()
    world.set(authorization('detail_on_success'))
    const { json } = await check({ user: 'alice', pass: otp, transactionid })
    expect(json.detail).toMatchObject({
      realm: 'demo',
      user: { username: 'alice', email: 'alice@example.org' },
      is_linotp_admin: false,
      tokentype: 'email',
      serial: 'LSEM1',
    })
  })

  it('X26 who gave their password is told why it brings no token, unless hardened', async () => {
    const profile = await passwordHash(world.ports, 'davepw')
    await world.addUser('dave', '')
    await updateUser(world.ports, 'demo', 'dave', { password: profile! })
    world.set(policy('enrollment', 'autoenrollment=email'))
    const said = async (pass: string) => (await check({ user: 'dave', pass })).json
    expect(await said('wrong')).toEqual(REJECT)
    const error = 'The user has no e-mail address.'
    expect(await said('davepw')).toEqual({ ...REJECT, detail: { error } })
    world.set({ profile: 'hardened' })
    expect(await said('davepw')).toEqual(REJECT)
  })

  it('X26 the password alone lets in nobody whose first code was kept back', async () => {
    await world.addUser('dave')
    const password = (await passwordHash(world.ports, 'davepw'))!
    await updateUser(world.ports, 'demo', 'dave', { password })
    world.set({
      ...{ 'mail.per_hour': '2', 'email.require_verified': 'true' },
      ...policy('enrollment', 'autoenrollment=email', {}, 'auto'),
      ...authentication('passthru=userstore', {}, 'thru'),
    })
    const said = async () => (await check({ user: 'dave', pass: 'davepw' })).json
    for (let mails = 0; mails < 2; mails++) {
      expect((await said()).detail).toMatchObject({ transactionid: expect.any(String) })
    }
    const refused = await said()
    expect(refused.result).toEqual(REJECT.result)
    expect(refused.detail).not.toHaveProperty('transactionid')
  })

  it('detail_on_fail tells why not, except where the profile is hardened', async () => {
    world.set(authorization('detail_on_fail'))
    const { json } = await check({ user: 'alice', pass: 'wrong' })
    expect(json.detail).toEqual({ error: 'wrong otp pin' })
    world.set({ profile: 'hardened' })
    expect((await check({ user: 'alice', pass: 'wrong' })).json).toEqual(REJECT)
  })

  it.each(['only_otp', '2'])(
    'otppin=%s: an empty pass triggers, the code lets in',
    async (kind) => {
      world.set(authentication(`otppin=${kind}`))
      expect((await check({ user: 'alice', pass: '1234' })).json).toEqual(REJECT)
      const { otp } = await triggered('alice', '')
      expect((await check({ user: 'alice', pass: otp })).json).toEqual(SUCCESS)
    },
  )

  it.each(['ignore_pin', '3'])(
    'otppin=%s: anything triggers, nothing but the id lets in',
    async (kind) => {
      world.set({ ...authentication(`otppin=${kind}`), EmailBlockingTimeout: '0' })
      const { otp } = await triggered('alice', 'whatever')
      const again = await check({ user: 'alice', pass: `1234${otp}` })
      const { transactionid } = again.json.detail
      const form = { user: 'alice', pass: world.lastCode(), transactionid }
      expect((await check(form)).json).toEqual(SUCCESS)
    },
  )

  it('N17, X21, dynamic_email_address: mail goes to the address of the user, if there is one', async () => {
    world.set(authentication('dynamic_email_address'))
    await world.enrol(await world.addUser('erin'), { serial: 'ERIN', email: 'old@example.org' })
    await check({ user: 'erin', pass: '1234' })
    expect(world.mails.at(-1)!.to).toBe('erin@example.org')
    await world.enrol(await world.addUser('fay', ''), { serial: 'FAY', email: 'own@example.org' })
    await check({ user: 'fay', pass: '1234' })
    expect(world.mails.at(-1)!.to).toBe('own@example.org')
  })

  it('a token without a PIN: an empty pass triggers', async () => {
    await world.enrol(await world.addUser('bob'), { serial: 'BOB', pin: '' })
    const { transactionid, otp } = await triggered('bob', '')
    expect((await check({ user: 'bob', pass: otp, transactionid })).json).toEqual(SUCCESS)
  })
})
