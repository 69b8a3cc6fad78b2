import { beforeEach, describe, expect, it } from 'vitest'
import { type Applications, createApplications } from '../support/applications.ts'
import { authentication } from '../support/policies.ts'
import type { World } from '../support/world.ts'

let world: World
let check: Applications['check']
let asked: Applications['asked']
let answer: Applications['answer']
beforeEach(async () => {
  ;({ world, check, asked, answer } = await createApplications())
})

describe('X30: an application has its own', () => {
  it('subject and text of the mail', async () => {
    world.set({
      ...authentication('emailsubject=Code', { priority: 2 }, 'all'),
      ...authentication(
        'emailsubject=VPN code,emailtext=For the VPN:\n<otp>\nbye',
        { application: 'vpn' },
        'vpn',
      ),
    })
    expect((await asked('vpn', '1234')).mail).toMatchObject({
      subject: 'VPN code',
      text: expect.stringContaining('For the VPN:'),
    })
    const { mail } = await asked('portal', '1234')
    expect(mail.subject).toBe('Code')
    expect(mail.text).not.toContain('VPN')
  })

  it('provider that sends it', async () => {
    const server = { server: 'smtp.example.org', sender: 'vpn@example.org' }
    world.set({
      'providers/of_vpn': JSON.stringify(server),
      ...authentication('email_provider=of_vpn', { application: 'vpn' }),
    })
    const providers: (string | undefined)[] = []
    world.mailServer((_, provider) => {
      providers.push(provider)
      return { sent: true, reply: '250 ok' }
    })
    await asked('vpn', '1234')
    await asked('portal', '1234')
    expect(providers).toEqual(['of_vpn', undefined])
  })

  it('period, which the mail tells and which ends on time', async () => {
    world.set(authentication('email_validtime=300', { application: 'vpn' }))
    const long = await asked('vpn', '1234')
    expect(long.seconds).toBe(300)
    expect(long.mail.text).toContain('5 minutes')
    world.advance(299_000)
    expect(await answer('vpn', long)).toMatchObject({ outcome: 'accepted' })
    const late = await asked('vpn', '1234')
    world.advance(300_000)
    expect(await answer('vpn', late)).toMatchObject({ reason: 'closed' })
    expect((await asked('portal', '1234')).seconds).toBe(120)
  })

  it('period, of which a token that says less has less', async () => {
    const account = await world.account('alice')
    const token = { ...account.tokens.EMALICE!, info: { challenge_validity_time: '60' } }
    await world.ports.accounts.save(account, { ...account, tokens: { EMALICE: token } })
    world.set(authentication('email_validtime=300', { application: 'vpn' }, 'long'))
    world.set(authentication('email_validtime=30', { application: 'portal' }, 'short'))
    expect((await asked('vpn', '1234')).seconds).toBe(60)
    expect((await asked('portal', '1234')).seconds).toBe(30)
    expect((await asked('wiki', '1234')).seconds).toBe(60)
  })

  it('length of codes, in an answer and behind the PIN', async () => {
    world.set(authentication('email_otplen=9', { application: 'vpn' }))
    const first = await asked('vpn', '1234')
    expect(first.otp).toHaveLength(9)
    expect(await answer('vpn', { ...first, otp: first.otp.slice(3) })).toMatchObject({
      reason: 'wrong',
    })
    expect(await answer('vpn', first)).toMatchObject({ outcome: 'accepted' })
    const { otp } = await asked('vpn', '1234')
    expect(await check('vpn', { pass: `1234${otp.slice(3)}` })).toMatchObject({
      outcome: 'rejected',
    })
    expect(await check('vpn', { pass: `1234${otp}` })).toMatchObject({ by: 'pin_otp' })
    expect((await asked('portal', '1234')).otp).toHaveLength(6)
  })

  it('length of codes, which none makes shorter than its token has it', async () => {
    await world.enrol(await world.addUser('dave'), { serial: 'EMDAVE', digits: 8 })
    world.set(authentication('email_otplen=6', { application: 'vpn' }))
    await check('vpn', { user: 'dave', pass: '1234' })
    expect(world.lastCode()).toHaveLength(8)
  })

  describe('and PIN and code in one field are told apart', () => {
    const eight = (application: string) =>
      world.set(authentication('email_otplen=8', { application }, 'eight'))
    const failures = async () => (await world.account('alice')).known?.pin?.failures

    it('when the code is over', async () => {
      eight('vpn')
      const { otp } = await asked('vpn', '1234')
      world.advance(120_000)
      expect(await check('vpn', { pass: `1234${otp}` })).toMatchObject({ reason: 'wrong_otp' })
    })

    it('when codes of two lengths wait, of which the newer was answered', async () => {
      world.set({ 'email.concurrent_challenges': 'true' })
      eight('*')
      const long = await asked('vpn', '1234')
      eight('portal')
      const short = await asked('vpn', '1234')
      expect([long.otp.length, short.otp.length]).toEqual([8, 6])
      expect(await check('vpn', { pass: `1234${short.otp}` })).toMatchObject({ digits: 6 })
      expect(await check('vpn', { pass: `1234${short.otp}` })).toMatchObject({
        reason: 'previous_otp',
      })
      expect(await check('vpn', { pass: `1234${long.otp}` })).toMatchObject({
        ...{ outcome: 'accepted', by: 'pin_otp', digits: 8 },
      })
      const stored = await world.ports.challenges.get(long.transactionId, 'EMALICE')
      expect(stored).toMatchObject({ attempts: 1 })
    })

    it('by the lengths that are waited for, where tokens have more than are tried', async () => {
      const account = await world.account('alice')
      const { EMALICE } = account.tokens
      const others = [12, 10, 9, 8, 7].map((digits) => {
        const serial = `EM${digits}`
        return [serial, { ...EMALICE!, serial, digits, enabled: true }] as const
      })
      const tokens = { ...Object.fromEntries(others), EMALICE: EMALICE! }
      await world.ports.accounts.save(account, { ...account, tokens })
      expect(await check('vpn', { pass: '1234', serial: 'EMALICE' })).toMatchObject({
        outcome: 'challenged',
      })
      const otp = world.lastCode()
      expect(await check('vpn', { pass: `1234${otp}` })).toMatchObject({
        ...{ outcome: 'accepted', by: 'pin_otp', digits: 6 },
      })
    })

    it('and a wrong PIN before either is one wrong PIN', async () => {
      world.set({ 'email.concurrent_challenges': 'true' })
      eight('*')
      const { otp } = await asked('vpn', '1234')
      eight('portal')
      await asked('vpn', '1234')
      expect(await check('vpn', { pass: `9999${otp}` })).toMatchObject({ reason: 'wrong_pin' })
      expect(await failures()).toBe(1)
      expect((await world.account('alice')).wrong).toEqual([])
    })
  })

  it('period and length also of the next code that is mailed after a success', async () => {
    const action = 'emailautosend, email_otplen=8, email_validtime=600'
    world.set(authentication(action, { application: 'vpn' }))
    await answer('vpn', await asked('vpn', '1234'))
    expect(world.lastCode()).toHaveLength(8)
    world.advance(599_000)
    expect(await check('vpn', { pass: `1234${world.lastCode()}` })).toMatchObject({ by: 'pin_otp' })
  })
})
