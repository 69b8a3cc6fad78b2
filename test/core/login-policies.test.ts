import { beforeEach, describe, expect, it } from 'vitest'
import { hashPin } from '../../functions/core/pin.ts'
import { authentication, authorization } from '../support/policies.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
})

const token = async () => (await world.account('alice')).tokens.EMALICE!

async function setPassword(user: string, password: string): Promise<void> {
  const account = await world.account(user)
  const hash = await hashPin(await world.ports.keyring.key('pin'), password, world.ports.random)
  await world.ports.accounts.save(account, { ...account, password: hash })
}

describe('what comes before the code', () => {
  it('is the user password where a policy says so, and no longer the PIN', async () => {
    await setPassword('alice', 'alicepw')
    world.set(authentication('otppin=userstore'))
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'wrong_pin',
    })
    const { otp } = await world.triggered('alice', 'alicepw')
    expect(await world.check({ user: 'alice', pass: `alicepw${otp}` })).toMatchObject({
      by: 'pin_otp',
    })
  })

  it('never is an empty password, for a user who has none', async () => {
    world.set(authentication('otppin=userstore'))
    expect(await world.check({ user: 'alice', pass: '' })).toMatchObject({ reason: 'wrong_pin' })
    expect(world.mails).toEqual([])
  })

  it('is nothing where a policy says so', async () => {
    world.set(authentication('otppin=none'))
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'wrong_pin',
    })
    const { otp } = await world.triggered('alice', '')
    expect(await world.check({ user: 'alice', pass: otp })).toMatchObject({ outcome: 'accepted' })
  })

  it('stands behind the code without PrependPin', async () => {
    world.set({ PrependPin: 'false' })
    const { otp } = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: `1234${otp}` })).toMatchObject({
      reason: 'wrong_pin',
    })
    expect(await world.check({ user: 'alice', pass: `${otp}1234` })).toMatchObject({
      outcome: 'accepted',
    })
  })
})

describe('a token that asks for a PIN only', () => {
  beforeEach(async () => {
    await world.enrol(await world.addUser('dave'), {
      serial: 'SPDAVE',
      type: 'spass',
      pin: 'spass',
    })
  })

  it('lets in by it, without a mail', async () => {
    const outcome = await world.check({ user: 'dave', pass: 'spass' })
    expect(outcome).toMatchObject({ outcome: 'accepted', by: 'pin', serial: 'SPDAVE' })
    expect(world.mails).toEqual([])
  })

  it('never lets in without one', async () => {
    world.set(authentication('otppin=none'))
    expect(await world.check({ user: 'dave', pass: '' })).toMatchObject({ outcome: 'rejected' })
  })

  it('delays guesses at it like any other PIN', async () => {
    for (let tries = 0; tries < 6; tries++) await world.check({ user: 'dave', pass: 'wrong' })
    expect(await world.check({ user: 'dave', pass: 'spass' })).toMatchObject({
      reason: 'pin_delayed',
    })
  })
})

describe('force_challenge_response', () => {
  beforeEach(() => world.set(authentication('force_challenge_response')))

  it('takes no PIN and code in one', async () => {
    const { otp, transactionId } = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: `1234${otp}` })).toMatchObject({
      reason: 'wrong_pin',
    })
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('takes them where only a serial is named', async () => {
    const { otp } = await world.triggered('alice')
    expect(await world.check({ serial: 'EMALICE', pass: `1234${otp}` })).toMatchObject({
      outcome: 'accepted',
    })
  })
})

describe('conditions of a login', () => {
  it.each([
    ['authorized=deny_access', 'not_authorized'],
    ['tokentype=hotp', 'tokentype'],
    ['serial=^OATH', 'serial'],
    ['api_key_required', 'no_api_key'],
  ])('%s refuses it before a mail goes out or a counter moves', async (action, reason) => {
    world.set(authorization(action))
    const before = await world.account('alice')
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({ reason })
    expect(await world.check({ user: 'alice', pass: 'wrong' })).toMatchObject({ reason })
    expect(world.mails).toEqual([])
    expect(await world.account('alice')).toEqual(before)
  })

  it('an API key meets the policy that wants one', async () => {
    world.set(authorization('api_key_required'))
    const caller = { clientIp: '192.0.2.1', apiKey: async () => 'vpn' }
    expect(await world.check({ user: 'alice', pass: '1234', caller })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('a policy for a network meets only callers within it', async () => {
    world.set(authorization('authorized=deny_access', { client: '10.0.0.0/8' }))
    const from = (clientIp: string) =>
      world.check({ user: 'alice', pass: 'wrong', caller: { clientIp } })
    expect(await from('10.1.2.3')).toMatchObject({ reason: 'not_authorized' })
    expect(await from('192.0.2.1')).toMatchObject({ reason: 'wrong_pin' })
  })

  it('disabled_token_types leaves no token', async () => {
    world.set(authentication('disabled_token_types=email'))
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'no_suitable_token',
    })
  })

  it('a type in the request counts only where a policy lets it', async () => {
    const typed = () => world.check({ user: 'alice', pass: '1234', type: 'hotp' })
    expect(await typed()).toMatchObject({ outcome: 'challenged' })
    world.set(authorization('application_tokentype'))
    expect(await typed()).toMatchObject({ reason: 'no_token' })
  })

  it('policies that contradict each other let nobody in', async () => {
    world.set(authentication('otppin=none', {}, 'a'))
    world.set(authentication('otppin=userstore', {}, 'b'))
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'policy_conflict',
    })
    expect(world.mails).toEqual([])
  })

  it('set_realm looks for the user there, whatever the request says', async () => {
    world.set({ 'realms/other': 'directory', ...authentication('set_realm=demo') })
    const outcome = await world.check({ user: 'alice', realm: 'other', pass: '1234' })
    expect(outcome).toMatchObject({ outcome: 'challenged', account: { realm: 'demo' } })
  })
})

describe('users without a token', () => {
  beforeEach(async () => {
    await world.addUser('dave')
    await setPassword('dave', 'davepw')
  })

  it.each([
    ['passOnNoToken', 'dave', 'x', 'no_token'],
    ['passOnNoUser', 'nobody', 'x', 'no_user'],
    ['passthru=userstore', 'dave', 'davepw', 'userstore'],
  ])('%s lets %s in', async (action, user, pass, by) => {
    world.set(authentication(action))
    expect(await world.check({ user, pass })).toMatchObject({
      outcome: 'passed',
      by,
      policies: ['p'],
    })
  })

  it.each([
    ['passOnNoToken', 'nobody', 'x'],
    ['passOnNoUser', 'dave', 'x'],
    ['passthru=userstore', 'dave', 'x'],
    ['passthru=userstore', 'dave', ''],
  ])('%s does not let %s in with %j', async (action, user, pass) => {
    world.set(authentication(action))
    expect(await world.check({ user, pass })).toMatchObject({ outcome: 'rejected' })
  })

  it.each([authorization('authorized=deny_access'), authorization('authorize', { user: 'alice' })])(
    'passOnNoUser lets nobody in whom policies do not authorize: %j',
    async (rule) => {
      world.set({ ...authentication('passOnNoUser'), ...rule })
      expect(await world.check({ user: 'nobody', pass: 'x' })).toMatchObject({
        outcome: 'rejected',
      })
    },
  )

  it('none of them lets in who has a token', async () => {
    await setPassword('alice', 'alicepw')
    world.set(authentication('passOnNoToken, passOnNoUser, passthru=userstore'))
    expect(await world.check({ user: 'alice', pass: 'alicepw' })).toMatchObject({
      reason: 'wrong_pin',
    })
  })

  it('guesses at the password are delayed like guesses at a PIN', async () => {
    world.set(authentication('passthru=userstore'))
    for (let tries = 0; tries < 6; tries++) await world.check({ user: 'dave', pass: 'wrong' })
    expect(await world.check({ user: 'dave', pass: 'davepw' })).toMatchObject({
      outcome: 'rejected',
    })
    world.advance(60_000)
    expect(await world.check({ user: 'dave', pass: 'davepw' })).toMatchObject({ by: 'userstore' })
  })
})

describe('counters', () => {
  it('increase_failcounter_on_challenge: the trigger that uses up the last one sends nothing', async () => {
    world.set({
      'token.max_failcount': '3',
      ...authentication('increase_failcounter_on_challenge'),
    })
    await world.enrol(await world.addUser('carl'), { serial: 'EMCARL' })
    const ask = () => world.check({ user: 'carl', pass: '1234' })
    expect(await ask()).toMatchObject({ outcome: 'challenged' })
    expect(await ask()).toMatchObject({ outcome: 'challenged' })
    expect(await ask()).toMatchObject({ outcome: 'rejected', reason: 'locked' })
    expect((await world.account('carl')).tokens.EMCARL!.failcount).toBe(3)
    expect(world.mails).toHaveLength(2)
  })

  it('reset_all_user_tokens: one success ends the failures of every token', async () => {
    await world.enrol(await world.account('alice'), { serial: 'EMTWO', pin: 'two' })
    world.set(authentication('reset_all_user_tokens'))
    const { transactionId, otp } = await world.triggered('alice')
    await world.check({ user: 'alice', transactionId, pass: otherThan(otp) })
    const second = await world.triggered('alice', 'two')
    await world.check({ user: 'alice', transactionId: second.transactionId, pass: second.otp })
    expect((await token()).failcount).toBe(0)
  })

  it('last_auth: a token that was not used for too long is refused', async () => {
    world.set(authorization('last_auth=1d'))
    const login = async () => {
      const { transactionId, otp } = await world.triggered('alice')
      return world.check({ user: 'alice', transactionId, pass: otp })
    }
    expect(await login()).toMatchObject({ outcome: 'accepted' })
    world.advance(86_400_000 - 10_000)
    expect(await login()).toMatchObject({ outcome: 'accepted' })
    world.advance(86_400_001)
    expect(await login()).toMatchObject({ reason: 'unused_too_long' })
  })

  it('are not written where no policy asks for them', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    const before = (await world.account('alice')).rev
    await world.check({ user: 'alice', transactionId, pass: otp })
    const after = await world.account('alice')
    expect(after.rev).toBe(before)
    expect(after).not.toHaveProperty('history')
    expect(await token()).not.toHaveProperty('lastAuth')
  })
})

describe('limits', () => {
  it('auth_max_fail: no more than so many failures are looked at, in parallel too', async () => {
    world.set(authorization('auth_max_fail=3/10m'))
    const tries = Array.from({ length: 8 }, () => world.check({ user: 'alice', pass: 'wrong' }))
    const reasons = (await Promise.all(tries)).map((outcome) =>
      outcome.outcome === 'rejected' ? outcome.reason : outcome.outcome,
    )
    expect(reasons.filter((reason) => reason === 'too_many_failures')).toHaveLength(5)
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'too_many_failures',
      message: 'Only 3 failed authentications per 0:10:00 allowed.',
    })
    world.advance(600_001)
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      outcome: 'challenged',
    })
  })

  it('auth_max_fail: what succeeds is no failure', async () => {
    world.set(authorization('auth_max_fail=1/10m'))
    for (let times = 0; times < 3; times++) {
      const { transactionId, otp } = await world.triggered('alice')
      expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
        outcome: 'accepted',
      })
    }
  })

  it('auth_max_success: no more than so many logins', async () => {
    world.set(authorization('auth_max_success=2/1h'))
    const login = async () => {
      const { transactionId, otp } = await world.triggered('alice')
      return world.check({ user: 'alice', transactionId, pass: otp })
    }
    expect(await login()).toMatchObject({ outcome: 'accepted' })
    expect(await login()).toMatchObject({ outcome: 'accepted' })
    expect(await login()).toMatchObject({ reason: 'too_many_successes' })
    world.advance(3_600_001)
    expect(await login()).toMatchObject({ outcome: 'accepted' })
  })
})

describe('emailautosend', () => {
  beforeEach(() => world.set(authentication('emailautosend')))

  it('mails the next code after a success, for PIN and code in one', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await world.check({ user: 'alice', transactionId, pass: otp })
    expect(world.mails).toHaveLength(2)
    expect((await token()).counter).toBe(2)
    const next = await world.check({ user: 'alice', pass: `1234${world.lastCode()}` })
    expect(next).toMatchObject({ outcome: 'accepted', by: 'pin_otp' })
    expect((await token()).counter).toBe(3)
  })

  it('never costs the login when it fails', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    world.ports.outbox.send = async () => {
      throw new Error('the queue is down')
    }
    expect(await world.check({ user: 'alice', transactionId, pass: otp })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('mails nothing after a failure', async () => {
    const { transactionId, otp } = await world.triggered('alice')
    await world.check({ user: 'alice', transactionId, pass: otherThan(otp) })
    expect(world.mails).toHaveLength(1)
  })
})

describe('failcounter_clear_timeout', () => {
  const lock = async () => {
    for (let challenge = 0; challenge < 2; challenge++) {
      const { transactionId, otp } = await world.triggered('alice')
      for (let wrong = 0; wrong < 5; wrong++) {
        await world.check({ user: 'alice', transactionId, pass: otherThan(otp) })
      }
    }
  }

  it('ends a lock so many minutes after the last failure, and forgives no guess', async () => {
    world.set({ failcounter_clear_timeout: '5' })
    await lock()
    const { consecutive, wrong } = await world.account('alice')
    const ask = () => world.check({ user: 'alice', pass: '1234' })
    expect(await ask()).toMatchObject({ reason: 'locked' })
    world.advance(5 * 60_000 - 1)
    expect(await ask()).toMatchObject({ reason: 'locked' })
    world.advance(1)
    expect(await ask()).toMatchObject({ outcome: 'challenged' })
    const account = await world.account('alice')
    expect(account.tokens.EMALICE!.failcount).toBe(0)
    expect(consecutive).toBeGreaterThan(8)
    expect(account).toMatchObject({ consecutive, wrong })
  })

  it('is off by default', async () => {
    await lock()
    world.advance(86_400_000)
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({ reason: 'locked' })
  })
})
