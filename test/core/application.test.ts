import { beforeEach, describe, expect, it } from 'vitest'
import { trigger } from '../../functions/core/authenticate.ts'
import { SELF_SERVICE } from '../../functions/core/application.ts'
import { cancelEnrolment } from '../../functions/core/cancel-enrolment.ts'
import type { Caller } from '../../functions/core/caller.ts'
import { checkStatus } from '../../functions/core/check-status.ts'
import { signInStep } from '../../functions/core/self/sign-in.ts'
import { type Applications, at, createApplications, setPassword } from '../support/applications.ts'
import { authentication, authorization } from '../support/policies.ts'
import { otherThan, type World } from '../support/world.ts'

let world: World
let check: Applications['check']
let asked: Applications['asked']
let answer: Applications['answer']
beforeEach(async () => {
  ;({ world, check, asked, answer } = await createApplications())
})

/** `portal`: password and mail; `vpn`: PIN and mail; everybody else: no mail. */
const CHAINS = {
  ...authentication('otppin=userstore', { application: 'portal' }, 'portal'),
  ...authentication('otppin=tokenpin', { application: 'vpn' }, 'vpn'),
  ...authentication('disabled_token_types=email', { application: '*, -portal, -vpn' }, 'rest'),
}

/** Nothing is taken from those who are not assigned. */
const OFF = authentication('otppin=none', { active: false }, 'rest')

describe('N14: what comes before the code is for each application to say', () => {
  beforeEach(() => world.set(CHAINS))

  it.each([
    ['portal', 'alicepw', '1234'],
    ['vpn', '1234', 'alicepw'],
  ])('at %s it is %s and not %s', async (application, right, wrong) => {
    expect(await check(application, { pass: wrong })).toMatchObject({ reason: 'wrong_pin' })
    expect(world.mails).toEqual([])
    expect(await answer(application, await asked(application, right))).toMatchObject({
      outcome: 'accepted',
      by: 'answer',
    })
    const { otp } = await asked(application, right)
    expect(await check(application, { pass: right + otp })).toMatchObject({ by: 'pin_otp' })
  })

  it.each(['wiki', '', undefined])('and %j is offered no code by mail', async (application) => {
    const begun = await asked('vpn', '1234')
    const before = await world.account('alice')
    const attempts = [
      { pass: '1234' },
      { pass: 'alicepw' },
      { pass: 'wrong' },
      { pass: `1234${begun.otp}` },
    ]
    for (const attempt of attempts) {
      expect(await check(application, attempt)).toMatchObject({ reason: 'no_suitable_token' })
    }
    expect(await answer(application, begun)).toMatchObject({ outcome: 'rejected' })
    expect(
      await trigger(world.ports, { user: 'alice' }, { caller: at(application) }),
    ).toMatchObject({ reason: 'no_suitable_token' })
    expect(world.mails).toHaveLength(1)
    expect(await world.account('alice')).toEqual(before)
    expect(await answer('vpn', begun)).toMatchObject({ outcome: 'accepted' })
  })

  it('nor asks for a first address', async () => {
    world.set(authentication('passthru=userstore, enroll_via_multichallenge=email', {}, 'enrol'))
    await world.addUser('bob')
    await setPassword(world, 'bob', 'bobpw')
    const asks = (application: string) => check(application, { user: 'bob', pass: 'bobpw' })
    expect(await asks('wiki')).toMatchObject({ outcome: 'rejected', reason: 'factor_off' })
    expect(await asks('vpn')).toMatchObject({ outcome: 'asked', what: 'address' })
  })
})

describe('a login that was begun at one application', () => {
  beforeEach(() => world.set(CHAINS))

  it('is finished at no other, and its code is not looked at there', async () => {
    const begun = await asked('vpn', '1234')
    for (const pass of [begun.otp, otherThan(begun.otp)]) {
      expect(await answer('portal', { ...begun, otp: pass })).toMatchObject({
        reason: 'other_application',
        transactionId: begun.transactionId,
      })
    }
    expect(await check('portal', { pass: `alicepw${begun.otp}` })).toMatchObject({
      reason: 'wrong_otp',
    })
    const stored = await world.ports.challenges.get(begun.transactionId, 'EMALICE')
    expect(stored).toMatchObject({ attempts: 0, application: 'vpn' })
    expect((await world.account('alice')).wrong).toEqual([])
    expect(await answer('vpn', begun)).toMatchObject({ outcome: 'accepted' })
  })

  it('keeps back no mail of another', async () => {
    world.set({ 'email.resend_after': '60', 'email.concurrent_challenges': 'true' })
    const first = await asked('vpn', '1234')
    expect((await check('vpn', { pass: '1234' })) as object).toMatchObject({ earlier: true })
    const second = await asked('portal', 'alicepw')
    expect(second.transactionId).not.toBe(first.transactionId)
    expect(await answer('vpn', first)).toMatchObject({ outcome: 'accepted' })
    expect(await answer('portal', second)).toMatchObject({ outcome: 'accepted' })
  })

  it('is not told to a service account without a key, whose code is good anywhere', async () => {
    world.set({ ...OFF, 'email.resend_after': '60' })
    const atVpn = await asked('vpn', '1234')
    const triggers = async () => {
      const outcome = await trigger(world.ports, { user: 'alice' }, { caller: at(undefined) })
      if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
      return { ...outcome, transactionId: outcome.issued[0]!.transactionId }
    }
    const first = await triggers()
    expect(first).not.toHaveProperty('earlier')
    expect(first.transactionId).not.toBe(atVpn.transactionId)
    const otp = world.lastCode()
    expect(await triggers()).toMatchObject({ earlier: true, transactionId: first.transactionId })
    expect(world.mails).toHaveLength(2)
    expect(await answer('portal', { ...first, otp })).toMatchObject({ outcome: 'accepted' })
    expect(await answer('vpn', atVpn)).toMatchObject({ outcome: 'accepted' })
  })

  it('is ended by a newer one there, and by none that anybody begins elsewhere', async () => {
    world.set(authentication('otppin=none', { application: '*, -portal, -vpn' }, 'rest'))
    const older = await asked('vpn', '1234')
    const begun = await asked('vpn', '1234')
    await trigger(world.ports, { user: 'alice' }, { caller: at(undefined) })
    const anywhere = world.lastCode()
    const { transactionId } = (await world.account('alice')).open.at(-1)!
    const anybodys = await asked(undefined, '')
    expect((await asked(undefined, '')).transactionId).not.toBe(anybodys.transactionId)

    expect(await answer('vpn', older)).toMatchObject({ reason: 'closed' })
    expect(await answer(undefined, anybodys)).toMatchObject({ reason: 'closed' })
    expect(await answer('vpn', begun)).toMatchObject({ outcome: 'accepted' })
    expect(await answer('portal', { transactionId, otp: anywhere })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('is asked about there only', async () => {
    world.set(authentication('otppin=tokenpin', { application: 'portal' }, 'portal'))
    const { transactionId } = await asked('vpn', '1234')
    const status = (application: string) =>
      checkStatus(world.ports, {
        ...{ transactionId, pass: '1234', subject: {}, caller: at(application) },
      })
    expect(await status('portal')).toBeUndefined()
    expect(await status('vpn')).toMatchObject([{ serial: 'EMALICE', open: true }])
  })

  it('asks for the new PIN there, at each of its steps', async () => {
    world.set(authentication('change_pin_via_validate', {}, 'pins'))
    await world.enrol(await world.addUser('carol'), { serial: 'EMCAROL', changePin: true })
    const carol = (application: string, pass: string, transactionId?: string) =>
      check(application, { user: 'carol', pass, transactionId })
    const idOf = (outcome: object) => (outcome as { transactionId: string }).transactionId
    const elsewhere = { reason: 'other_application' }

    const begun = await carol('vpn', '1234')
    const { transactionId } = (begun as { issued: { transactionId: string }[] }).issued[0]!
    const once = await carol('vpn', world.lastCode(), transactionId)
    expect(await carol('portal', 'mine', idOf(once))).toMatchObject(elsewhere)
    const twice = await carol('vpn', 'mine', idOf(once))
    expect(await carol('portal', 'mine', idOf(twice))).toMatchObject(elsewhere)
    expect(await carol('vpn', 'mine', idOf(twice))).toMatchObject({ by: 'new_pin' })
  })

  it('asks for an address there, which may be declined there only', async () => {
    const enrol = 'passthru=userstore, enroll_via_multichallenge=email'
    world.set(authentication(`${enrol}, enroll_via_multichallenge_optional`, {}, 'enrol'))
    await world.addUser('bob')
    await setPassword(world, 'bob', 'bobpw')
    const step = await check('vpn', { user: 'bob', pass: 'bobpw' })
    if (step.outcome !== 'asked') throw new Error(step.outcome)
    const { transactionId } = step
    const declined = (application: string) =>
      cancelEnrolment(world.ports, transactionId, at(application))

    expect(
      await check('portal', { user: 'bob', pass: 'bob@example.com', transactionId }),
    ).toMatchObject({ reason: 'other_application' })
    expect(await declined('portal')).toMatchObject({ reason: 'other_application' })
    expect(await declined('vpn')).toMatchObject({ outcome: 'passed', by: 'cancelled' })
  })

  it('by who may trigger for others is finished wherever the code is typed', async () => {
    const triggered = await trigger(world.ports, { user: 'alice' }, { caller: at('vpn') })
    const { transactionId } = (triggered as { issued: { transactionId: string }[] }).issued[0]!
    expect(await answer('portal', { transactionId, otp: world.lastCode() })).toMatchObject({
      reason: 'other_application',
    })
    // a service account without a key, where a policy lets it
    world.set(OFF)
    const byNobody = await trigger(world.ports, { user: 'alice' }, { caller: at(undefined) })
    const { transactionId: open } = (byNobody as { issued: { transactionId: string }[] }).issued[0]!
    expect(await answer('vpn', { transactionId: open, otp: world.lastCode() })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('may be finished when no policy asks any more', async () => {
    const begun = await asked('vpn', '1234')
    world.set({ ...OFF, ...authentication('otppin=none', { active: false }, 'portal') })
    world.set(authentication('otppin=none', { active: false }, 'vpn'))
    expect(await answer('portal', begun)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('the self-service', () => {
  let requests = 0
  const signIn = (key?: string) =>
    signInStep(world.ports, {
      ...{ user: 'alice', pass: '1234', nonce: `self-${++requests}` },
      caller: { ...at(key), isSelfService: true },
    })
  const rest = (application: string) =>
    authentication('disabled_token_types=email', { application }, 'rest')

  it('is an application of its own, whatever key a request carries', async () => {
    world.set({ ...CHAINS, ...rest(`*, -portal, -vpn, -${SELF_SERVICE}`) })
    expect(await signIn()).toMatchObject({ outcome: { outcome: 'challenged' } })
    expect((await world.account('alice')).open.at(-1)).toMatchObject({ application: SELF_SERVICE })
    world.set({ ...CHAINS, ...rest('*, -portal, -vpn') })
    for (const key of [undefined, 'vpn']) {
      expect(await signIn(key)).toMatchObject({ outcome: { reason: 'no_suitable_token' } })
    }
  })

  it('is none while no policy asks', async () => {
    expect(await signIn()).toMatchObject({ outcome: { outcome: 'challenged' } })
    expect((await world.account('alice')).open.at(-1)).not.toHaveProperty('application')
  })
})

describe('the API key of a login', () => {
  const asks = async (settings: Record<string, string>) => {
    world.set(settings)
    const caller = at('vpn')
    await world.check({ user: 'alice', pass: '1234', caller })
    return caller.apiKey.mock.calls.length
  }

  it('is not looked at while no policy asks for the application', async () => {
    expect(await asks({})).toBe(0)
    expect(await asks(authentication('otppin=tokenpin', { client: '10.0.0.0/8' }))).toBe(0)
    expect(await asks(authorization('authorized=deny_access', { realm: 'x' }))).toBe(0)
    const idle = { application: 'vpn', active: false }
    expect(await asks(authentication('otppin=none', idle, 'idle'))).toBe(0)
    expect(world.mails).toHaveLength(4)
    expect((await world.account('alice')).open.at(-1)).not.toHaveProperty('application')
  })

  it('is asked for once where one does', async () => {
    expect(await asks(authentication('otppin=tokenpin', { application: 'portal' }))).toBe(1)
  })

  it('is what decides: a name that is only stated counts for nothing', async () => {
    world.set(authorization('authorized=deny_access', { application: '*, -vpn' }))
    expect(await check('vpn', { pass: '1234' })).toMatchObject({ outcome: 'challenged' })
    const caller: Caller = { clientIp: '192.0.2.1', userAgent: 'vpn' }
    expect(await world.check({ user: 'alice', pass: '1234', caller })).toMatchObject({
      reason: 'not_authorized',
    })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'not_authorized',
    })
  })
})
