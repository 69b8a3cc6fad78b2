import { beforeEach, describe, expect, it } from 'vitest'
import type { DomainVerdict } from '../../functions/core/address/domains.ts'
import { cancelEnrolment } from '../../functions/core/cancel-enrolment.ts'
import { openSecret } from '../../functions/core/seal.ts'
import { authentication, authorization, policy } from '../support/policies.ts'
import { codeIn, createWorld, otherThan, type World } from '../support/world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})

/** A login step that has to ask for something else than a code. */
async function asked(user: string, pass: string, transactionId?: string) {
  const outcome = await world.check({ user, pass, transactionId })
  if (outcome.outcome !== 'asked') throw new Error(JSON.stringify(outcome))
  return outcome
}

describe('a PIN that somebody else chose', () => {
  beforeEach(async () => {
    world.set(authentication('change_pin_via_validate'))
    await world.enrol(await world.addUser('alice'), { serial: 'EMALICE', changePin: true })
  })

  async function afterCode() {
    const { transactionId, otp } = await world.triggered('alice')
    return asked('alice', otp, transactionId)
  }

  it('is replaced by one that is typed twice, and then the person is in', async () => {
    const first = await afterCode()
    expect(first).toMatchObject({ what: 'new_pin', serial: 'EMALICE' })
    const again = await asked('alice', 'mine', first.transactionId)
    expect(again).toMatchObject({ what: 'new_pin_again' })
    expect(again.transactionId).not.toBe(first.transactionId)
    const { transactionId } = again
    expect(await world.check({ user: 'alice', pass: 'mine', transactionId })).toMatchObject({
      outcome: 'accepted',
      by: 'new_pin',
    })
    expect(await world.check({ user: 'alice', pass: '1234' })).toMatchObject({
      reason: 'wrong_pin',
    })
    const next = await world.triggered('alice', 'mine')
    expect(
      await world.check({ user: 'alice', pass: next.otp, transactionId: next.transactionId }),
    ).toMatchObject({ outcome: 'accepted', by: 'answer' })
  })

  it('stays while the two are not the same, and nobody is let in', async () => {
    const first = await afterCode()
    const { transactionId } = await asked('alice', 'mine', first.transactionId)
    const differs = { user: 'alice', pass: 'other', transactionId }
    expect(await world.check(differs)).toMatchObject({ reason: 'new_pin_differs' })
    expect(await world.check({ ...differs, pass: 'mine' })).toMatchObject({ outcome: 'rejected' })
    expect(await world.triggered('alice', '1234')).toBeDefined()
  })

  it('lets each step be answered once', async () => {
    const first = await afterCode()
    const answer = { user: 'alice', pass: 'mine', transactionId: first.transactionId }
    const outcomes = await Promise.all([world.check(answer), world.check(answer)])
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['asked', 'rejected'])
  })

  it('takes no answer when the time is up', async () => {
    const first = await afterCode()
    world.advance(120_000)
    const { transactionId } = first
    expect(await world.check({ user: 'alice', pass: 'mine', transactionId })).toMatchObject({
      outcome: 'rejected',
    })
  })

  it('must be what policies want, and never empty', async () => {
    world.set(policy('user', 'otp_pin_minlength=6, setpin', {}, 'pins'))
    const { transactionId } = await afterCode()
    expect(await world.check({ user: 'alice', pass: 'abc', transactionId })).toMatchObject({
      reason: 'new_pin_refused',
      message: 'The minimum OTP PIN length is 6',
    })
    expect(await world.check({ user: 'alice', pass: '', transactionId })).toMatchObject({
      reason: 'new_pin_refused',
    })
    expect(await asked('alice', 'abcdef', transactionId)).toMatchObject({ what: 'new_pin_again' })
  })

  it('is kept where no policy asks for a new one', async () => {
    world.set(authentication('reset_all_user_tokens'))
    const { transactionId, otp } = await world.triggered('alice')
    expect(await world.check({ user: 'alice', pass: otp, transactionId })).toMatchObject({
      outcome: 'accepted',
    })
  })

  it('is never stored as it was typed', async () => {
    const first = await afterCode()
    await asked('alice', 'a PIN of mine', first.transactionId)
    expect(JSON.stringify(await world.account('alice'))).not.toContain('a PIN of mine')
  })
})

describe('an address that is added while logging in', () => {
  beforeEach(async () => {
    world.set(authentication('enroll_via_multichallenge=EMAIL'))
    await world.enrol(await world.addUser('dave', ''), {
      serial: 'SPDAVE',
      type: 'spass',
      pin: 'spass',
    })
  })

  async function addressGiven(address = 'dave@enrolled.com') {
    const { transactionId } = await asked('dave', 'spass')
    const outcome = await world.check({ user: 'dave', pass: address, transactionId })
    if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
    return outcome.issued[0]!
  }

  it('is asked for after the first factor, proven by a code, and then the person is in', async () => {
    const { transactionId, serial } = await addressGiven()
    expect(world.mails.map(({ to }) => to)).toEqual(['dave@enrolled.com'])
    const answer = { user: 'dave', pass: world.lastCode(), transactionId }
    expect(await world.check(answer)).toMatchObject({ outcome: 'accepted', serial })
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected' })
    expect(await world.check({ user: 'dave', pass: 'spass' })).toMatchObject({
      outcome: 'accepted',
      serial: 'SPDAVE',
    })
    expect((await world.account('dave')).tokens[serial]).toMatchObject({
      rollout: 'enrolled',
      email: 'dave@enrolled.com',
    })
  })

  it('is stored in its normal form', async () => {
    const { serial } = await addressGiven(' Dave@ENROLLED。com\n')
    expect(world.mails.map(({ to }) => to)).toEqual(['Dave@enrolled.com'])
    const { tokens } = await world.account('dave')
    expect(tokens[serial]!.email).toBe('Dave@enrolled.com')
  })

  it('cannot be used before it is proven', async () => {
    const { serial } = await addressGiven()
    expect(await world.check({ serial, pass: '' })).toMatchObject({ reason: 'not_enrolled' })
    expect(await world.check({ serial, pass: world.lastCode() })).toMatchObject({
      reason: 'not_enrolled',
    })
  })

  it('is asked for again when it was not proven, and the token is the same', async () => {
    const first = await addressGiven('one@x.example')
    const second = await addressGiven('two@x.example')
    expect(second.serial).toBe(first.serial)
    const old = { user: 'dave', pass: codeIn(world.mails[0]!), transactionId: first.transactionId }
    expect(await world.check(old)).toMatchObject({ outcome: 'rejected' })
    const { transactionId } = second
    expect(
      await world.check({ user: 'dave', pass: world.lastCode(), transactionId }),
    ).toMatchObject({ outcome: 'accepted' })
  })

  it.each(['not-an-address', 'a@x.example, b@x.example', '"a b"@x.example', ''])(
    'is not %j',
    async (address) => {
      const { transactionId } = await asked('dave', 'spass')
      const answer = { user: 'dave', pass: address, transactionId }
      expect(await world.check(answer)).toMatchObject({
        reason: 'bad_address',
        message: expect.stringMatching(/^\S.*\.$/),
      })
      expect(await world.check({ ...answer, pass: 'dave@x.example' })).toMatchObject({
        outcome: 'rejected',
      })
      expect(world.mails).toEqual([])
    },
  )

  it.each<Record<string, string>>([
    { 'address.allowed_domains': 'example.org' },
    { 'address.denied_domains': 'enrolled.com' },
  ])('is one whose domain may be registered: %j', async (settings) => {
    world.set(settings)
    const { transactionId } = await asked('dave', 'spass')
    const answer = { user: 'dave', pass: 'dave@enrolled.com', transactionId }
    expect(await world.check(answer)).toMatchObject({ reason: 'bad_address' })
    expect(world.mails).toEqual([])
  })

  it.each([
    ['a denied domain', { 'address.denied_domains': 'x.example' }],
    ['one that is not allowed', { 'address.allowed_domains': 'corp.example' }],
  ] as [string, Record<string, string>][])(
    'is not of %s, in whatever spelling',
    async (_, settings) => {
      world.set(settings)
      for (const pass of ['dave@x.example', 'dave@X.EXAMPLE']) {
        const { transactionId } = await asked('dave', 'spass')
        expect(await world.check({ user: 'dave', pass, transactionId })).toMatchObject({
          reason: 'bad_address',
          message: expect.stringContaining('domain'),
        })
      }
      expect(world.mails).toEqual([])
      expect(Object.keys((await world.account('dave')).tokens)).toEqual(['SPDAVE'])
    },
  )

  it.each<[string, DomainVerdict | undefined, string]>([
    ['dave@mailinator.com', undefined, 'domain_disposable'],
    ['dave@nowhere.example', 'unknown_domain', 'domain_unknown'],
    ['dave@web.example', 'no_mail', 'domain_no_mail'],
    ['dave@silent.example', 'null_mx', 'domain_null_mx'],
  ])('is not %s, for the reason that any other is refused for', async (pass, verdict, fault) => {
    if (verdict) world.domainVerdicts.set(pass.slice('dave@'.length), verdict)
    const { transactionId } = await asked('dave', 'spass')
    expect(await world.check({ user: 'dave', pass, transactionId })).toMatchObject({
      ...{ reason: 'bad_address', fault, message: expect.stringMatching(/^[A-Z].*\.$/) },
    })
    expect(world.mails).toEqual([])
  })

  describe('while DNS fails', () => {
    beforeEach(() => world.domainVerdicts.set('enrolled.com', 'dns_failed'))
    const pass = 'dave@enrolled.com'

    it('is asked for again in the same login, and nothing is lost', async () => {
      const { transactionId } = await asked('dave', 'spass')
      const again = await asked('dave', pass, transactionId)
      expect(again).toMatchObject({ what: 'address', transactionId })
      expect(again.text).toContain('could not be checked now')
      world.domainVerdicts.delete('enrolled.com')
      const outcome = await world.check({ user: 'dave', pass, transactionId })
      expect(outcome).toMatchObject({ outcome: 'challenged' })
      expect(world.mails.map(({ to }) => to)).toEqual([pass])
    })

    it('has three looked at, and no more', async () => {
      const { transactionId } = await asked('dave', 'spass')
      for (let time = 0; time < 2; time++) await asked('dave', pass, transactionId)
      const third = await world.check({ user: 'dave', pass, transactionId })
      expect(third).toMatchObject({ reason: 'bad_address', fault: 'domain_unchecked' })
      world.domainVerdicts.delete('enrolled.com')
      const later = await world.check({ user: 'dave', pass, transactionId })
      expect(later).toMatchObject({ outcome: 'rejected' })
    })

    it('has three looked at, however many are typed at once', async () => {
      let asks = 0
      world.ports.domains = {
        async check() {
          asks++
          await new Promise((resolve) => setTimeout(resolve, 5))
          return 'dns_failed'
        },
      }
      const { transactionId } = await asked('dave', 'spass')
      const typed = Array.from({ length: 20 }, (_, number) => `dave@d${number}.example`)
      await Promise.all(typed.map((pass) => world.check({ user: 'dave', pass, transactionId })))
      expect(asks).toBe(3)
    })

    it('is taken where the settings say so', async () => {
      world.set({ 'address.on_dns_failure': 'accept' })
      expect(await addressGiven(pass)).toBeDefined()
    })
  })

  it('has the answer wait for DNS and mail together as long as for the mail alone', async () => {
    world.ports.domains = {
      async check() {
        world.advance(1200)
        return 'accepts'
      },
    }
    world.ports.outbox = { send: async () => {} }
    const { transactionId } = await asked('dave', 'spass')
    const began = world.now()
    await world.check({ user: 'dave', pass: 'dave@enrolled.com', transactionId })
    expect(world.now() - began).toBe(1500)
  })

  it('is no way to have everybody’s name servers asked, by many logins', async () => {
    const asks: string[] = []
    world.ports.domains = {
      async check(domain) {
        asks.push(domain)
        return 'unknown_domain'
      },
    }
    for (let number = 0; number < 9; number++) {
      const { transactionId } = await asked('dave', 'spass')
      const pass = `dave@d${number}.example`
      const reason = number < 5 ? 'bad_address' : 'mail_limit'
      expect(await world.check({ user: 'dave', pass, transactionId })).toMatchObject({ reason })
    }
    expect(asks).toHaveLength(5)
  })

  it('is no way to write to everybody', async () => {
    for (let number = 0; number < 5; number++) await addressGiven(`victim${number}@x.example`)
    const { transactionId } = await asked('dave', 'spass')
    const sixth = { user: 'dave', pass: 'victim5@x.example', transactionId }
    expect(await world.check(sixth)).toMatchObject({ reason: 'mail_limit' })
    expect(world.mails).toHaveLength(5)
  })

  it('costs an attempt for each wrong code', async () => {
    const { transactionId } = await addressGiven()
    const wrong = { user: 'dave', pass: otherThan(world.lastCode()), transactionId }
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await world.check(wrong)).toMatchObject({ reason: 'wrong' })
    }
    expect(await world.check({ ...wrong, pass: world.lastCode() })).toMatchObject({
      outcome: 'rejected',
    })
  })

  it('is not asked of somebody who proved nothing', async () => {
    await world.addUser('erin')
    world.set(authentication('enroll_via_multichallenge=EMAIL, passOnNoToken'))
    expect(await world.check({ user: 'erin', pass: 'x' })).toMatchObject({ outcome: 'passed' })
  })

  it('gets a secret that whoever answers logins cannot derive', async () => {
    const { serial } = await addressGiven()
    const { secret } = (await world.account('dave')).tokens[serial]!
    const right = await world.ports.keyring.key('secret')
    const other = await world.ports.keyring.key('answer')
    expect(openSecret(right, secret, serial)).toHaveLength(20)
    expect(openSecret(other, secret, serial)).not.toEqual(openSecret(right, secret, serial))
    expect(openSecret(right, secret, 'EMOTHER')).not.toEqual(openSecret(right, secret, serial))
  })

  describe('where it is optional', () => {
    const caller = { clientIp: '192.0.2.1' }
    beforeEach(() =>
      world.set(
        authentication(
          'enroll_via_multichallenge=EMAIL, enroll_via_multichallenge_optional, ' +
            'enroll_via_multichallenge_text=Your address?',
        ),
      ),
    )

    it('can be declined, once', async () => {
      const { transactionId, optional, text } = await asked('dave', 'spass')
      expect({ optional, text }).toEqual({ optional: true, text: 'Your address?' })
      expect(await cancelEnrolment(world.ports, transactionId, caller)).toMatchObject({
        outcome: 'passed',
        by: 'cancelled',
      })
      expect(await cancelEnrolment(world.ports, transactionId, caller)).toMatchObject({
        outcome: 'rejected',
      })
    })

    it('cannot be declined under another policy that denies access', async () => {
      const { transactionId } = await asked('dave', 'spass')
      world.set(authorization('authorized=deny_access'))
      expect(await cancelEnrolment(world.ports, transactionId, caller)).toMatchObject({
        reason: 'not_authorized',
      })
    })
  })

  it('cannot be declined where it is not, nor by a made-up transaction', async () => {
    const { transactionId } = await asked('dave', 'spass')
    const caller = { clientIp: '192.0.2.1' }
    for (const id of [transactionId, '12345678901234567890']) {
      expect(await cancelEnrolment(world.ports, id, caller)).toMatchObject({ outcome: 'rejected' })
    }
  })

  it('is no way in by the transaction of somebody else', async () => {
    await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
    const { transactionId } = await asked('dave', 'spass')
    expect(await world.check({ user: 'alice', pass: 'a@x.example', transactionId })).toMatchObject({
      outcome: 'rejected',
    })
  })
})
