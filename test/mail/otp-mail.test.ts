import { beforeEach, describe, expect, it } from 'vitest'
import { authentication } from '../support/policies.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeEach(async () => {
  world = createWorld()
  const alice = await world.addUser('alice')
  await world.ports.accounts.save(alice, { ...alice, givenname: 'Alice', surname: 'Cooper' })
  await world.enrol(await world.account('alice'), { serial: 'PIEM0001', description: 'my mail' })
})

const CALLER = { clientIp: '192.0.2.7' }

async function mailFor(attempt: { language?: string; clientIp?: string; text?: string } = {}) {
  const { text, ...caller } = attempt
  const asked = { user: 'alice', pass: '1234', caller: { ...CALLER, ...caller }, text }
  const outcome = await world.check(asked)
  return { outcome, mail: world.mails.at(-1) }
}
const notSent = { outcome: 'rejected', reason: 'mail_failed' }

describe('emailtext and emailsubject', () => {
  it('write the mail, with every tag of the reference', async () => {
    world.set(
      authentication(
        'emailtext=Hallo {user} {surname} {givenname} {username}@{userrealm} dein OTP {otp} von ' +
          '{serial} <otp> <serial> {tokentype} {recipient_givenname} {recipient_surname} {time} ' +
          '{date} [{client_ip}][{realm}][{admin}][{challenge}][{ua_browser}][{pin}]' +
          '[{tokendescription}]{url}, emailsubject=OTP {otp} für {user} <serial>',
      ),
    )
    const { mail } = await mailFor({ text: 'VPN' })
    const otp = /dein OTP ([0-9]{6})/.exec(mail!.text)![1]!
    expect(mail).toMatchObject({
      subject: `OTP ${otp} für Alice PIEM0001`,
      text:
        `Hallo Alice Cooper Alice alice@demo dein OTP ${otp} von PIEM0001 ${otp} PIEM0001 email ` +
        'Alice Cooper 12:00:00 2026-11-21 [192.0.2.7][][][VPN][][None][my mail]',
    })
    expect(mail).not.toHaveProperty('html')
  })

  it('keep commas that are escaped', async () => {
    world.set(authentication('emailtext=Zeile1\\, mit Komma: <otp>, emailsubject=Dein Code\\, ja'))
    const { mail } = await mailFor()
    expect(mail!.text).toMatch(/^Zeile1, mit Komma: [0-9]{6}$/)
    expect(mail!.subject).toBe('Dein Code, ja')
  })

  it('bring the code even if they do not name it', async () => {
    world.set(authentication('emailtext=Hello'))
    expect((await mailFor()).mail!.text).toMatch(/^Hello\n[0-9]{6}$/)
  })

  it.each([
    'emailtext=unknown {nosuchtag} {otp}',
    'emailtext=brace { {otp}',
    'emailsubject={nope}',
  ])('%s: no mail can be written, and the log names the policy', async (action) => {
    world.set(authentication(action))
    expect((await mailFor()).outcome).toMatchObject(notSent)
    expect(world.mails).toEqual([])
    expect(JSON.stringify(world.lines)).toContain('the text of p ')
  })

  it('that contradict each other: no mail can be written', async () => {
    world.set({
      ...authentication('emailtext=A <otp>', {}, 'a'),
      ...authentication('emailtext=B <otp>', {}, 'b'),
    })
    expect((await mailFor()).outcome).toMatchObject(notSent)
  })

  it('of the best priority win', async () => {
    world.set({
      ...authentication('emailtext=A <otp>', { priority: 2 }, 'a'),
      ...authentication('emailtext=B <otp>', { priority: 1 }, 'b'),
    })
    expect((await mailFor()).mail!.text).toMatch(/^B /)
  })

  it('count for the users and networks they name, by where the code was asked for', async () => {
    world.set({
      ...authentication('emailtext=bob <otp>', { user: 'bob' }, 'a'),
      ...authentication('emailtext=inside <otp>', { client: '10.0.0.0/8' }, 'b'),
    })
    expect((await mailFor()).mail!.text).toContain('valid for 2 minutes')
    expect((await mailFor({ clientIp: '10.1.1.1' })).mail!.text).toMatch(/^inside /)
  })
})

describe('the language of the mail', () => {
  it.each([
    [undefined, 'The code is valid for 2 minutes'],
    ['de-AT,en;q=0.5', 'Der Code ist 2 Minuten lang gültig'],
    ['zh-Hans', '验证码在2分钟内有效'],
    ['fr', 'The code is valid for 2 minutes'],
    ['\u0000'.repeat(9000), 'The code is valid for 2 minutes'],
  ])('%j', async (language, sentence) => {
    const { mail } = await mailFor(language === undefined ? {} : { language })
    expect(mail!.text).toContain(sentence)
  })
})
