/** Who sends a mail and what it says, as LinOTP's document has it, read from what arrived. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { importLegacy } from '../../functions/core/import-provider.ts'
import { policyFromLinotp } from '../../functions/core/policy/linotp-policy.ts'
import { formatPolicy } from '../../functions/core/policy/stored-policy.ts'
import { deleteProvider, setDefault } from '../../functions/core/providers.ts'
import { readProviderConfig } from '../../functions/core/provider.ts'
import { checkTemplate } from '../../functions/mail/check/check-template.ts'
import { type SmtpServer, startSmtp } from '../support/smtp-server.ts'
import { codeIn } from '../support/world.ts'
import { ALICE, createMailWorld, type MailWorld } from './mail-world.ts'
import { mailOf } from './sound-mail.ts'

const HOST = '127.0.0.1'
const FROM = 'codes@firma.example'
const CLASS = 'linotp.lib.emailprovider.SMTPEmailProvider'

let one: SmtpServer
let two: SmtpServer
let world: MailWorld
beforeAll(async () => {
  ;[one, two] = await Promise.all([startSmtp(), startSmtp()])
})
afterAll(() => Promise.all([one.stop(), two.stop()]))
beforeEach(async () => {
  one.sessions.length = two.sessions.length = 0
  world = await createMailWorld()
  await save('one', one)
  await save('two', two)
})

const save = (name: string, { port }: SmtpServer, config: object = {}) =>
  world.save(name, { SMTP_SERVER: HOST, SMTP_PORT: port, EMAIL_FROM: FROM, ...config })

/** A policy in the words of LinOTP's form. */
async function policy(name: string, action: string, members: Record<string, string> = {}) {
  const all = { scope: 'authentication', action, active: 'True', realm: '*', user: '*', ...members }
  const parsed = policyFromLinotp(name, all)
  if ('refused' in parsed) throw new Error(JSON.stringify(parsed.refused))
  await world.edit({ name: `policies/${name}`, value: formatPolicy(parsed.policy) })
}

/** Asks for a code; which servers got a mail. */
async function sentBy(attempt: Parameters<MailWorld['ask']>[0] = {}) {
  one.sessions.length = two.sessions.length = 0
  const { outcome, failed } = await world.ask(attempt)
  expect({ failed, outcome: outcome.outcome }).toEqual({ failed: [], outcome: 'challenged' })
  return [one.sessions.length > 0 && 'one', two.sessions.length > 0 && 'two']
    .filter((name) => name !== false)
    .join()
}

/** Asks for a code; the mail that the first server got. */
async function mail() {
  expect(await sentBy()).toBe('one')
  return mailOf(one.sessions[0]!, { from: FROM, to: ALICE })
}

describe('providers', () => {
  it('L07 L16 L20 there may be two; the first is the default, and the kind need not be said', async () => {
    const { providers, 'email.identifier': names } = await world.ports.settings.current()
    expect([...providers.keys()].toSorted()).toEqual(['one', 'two'])
    expect(names).toEqual(['one'])
    expect(await sentBy()).toBe('one')
  })

  it('L16 L19 the one that is made the default sends', async () => {
    expect(await setDefault(world.editing, 'two')).toMatchObject({ outcome: 'in_force' })
    expect(await sentBy()).toBe('two')
  })

  it('L08 is edited at its place, and deleted only when nobody uses it', async () => {
    await policy('by_two', 'email_provider=two')
    expect(await deleteProvider(world.editing, 'two')).toEqual({
      outcome: 'in use',
      by: ['policies/by_two'],
    })
    expect(await deleteProvider(world.editing, 'one')).toMatchObject({ outcome: 'in use' })
    await save('two', one)
    expect(await sentBy()).toBe('one')
    await world.edit({ name: 'policies/by_two' })
    expect(await deleteProvider(world.editing, 'two')).toMatchObject({ outcome: 'in_force' })
    expect(await deleteProvider(world.editing, 'one')).toMatchObject({ outcome: 'in_force' })
  })

  it('L09 X24 the single configuration of old becomes imported_default and sends, once', async () => {
    const old = await createMailWorld()
    const config = { SMTP_SERVER: HOST, SMTP_PORT: two.port, EMAIL_FROM: FROM }
    const legacy = {
      EmailProvider: CLASS,
      EmailProviderConfig: JSON.stringify(config),
      EmailBlockingTimeout: '30',
    }
    expect(await importLegacy(old.editing, legacy)).toMatchObject({ outcome: 'in_force' })
    expect(await importLegacy(old.editing, legacy)).toEqual({ outcome: 'there already' })
    const settings = await old.ports.settings.current()
    expect([...settings.providers.keys()]).toEqual(['imported_default'])
    expect(settings['email.resend_after']).toBe(30)
    expect(settings.providers.get('imported_default')!.timeout).not.toBe(30)
    world = old
    expect(await sentBy()).toBe('two')
  })

  it.each([CLASS, 'SMTPEmailProvider', 'linotp.provider.emailprovider.SMTPEmailProvider', 'smtp'])(
    'L18 L20 the class %s is a mail server',
    async (kind) => {
      await save('one', one, { kind })
      expect(await sentBy()).toBe('one')
    },
  )

  it('L18 L20 another class is refused by name', async () => {
    const saved = await save('one', one, { kind: 'linotp.lib.smsprovider.HttpSMSProvider' })
    expect(JSON.stringify(saved)).toMatch(/kind is none that Otpost has/)
  })

  it.each([
    ["{'SMTP_SERVER': 'mail.example'}", /quot/i],
    ['{"SMTP_SERVER": "mail.example",}', /JSON|position|line|column/i],
    ['["mail.example"]', /object/],
    ['{"SMTP_SERVER": "mail.example", "NO_SUCH": 1}', /NO_SUCH/],
  ])('L21 L22 %s is refused when it is saved', async (config, why) => {
    const saved = await world.save('three', config)
    expect(saved.outcome).toBe('refused')
    expect(JSON.stringify(saved)).toMatch(why)
    expect((await world.ports.settings.current()).providers.has('three')).toBe(false)
  })

  it('L22 says where a single quote is', () => {
    const reading = readProviderConfig('{"SMTP_SERVER": \'mail.example\'}')
    expect(reading).toMatchObject({ refused: expect.stringMatching(/1[67]|column|position/) })
  })
})

describe('a policy', () => {
  it('L10 L19 chooses the provider of those it matches; all others get the default', async () => {
    await policy('for_bob', 'email_provider=two', { user: 'bob' })
    await world.enrol(await world.addUser('bob', 'bob@firma.example'), { serial: 'EMBOB' })
    expect(await sentBy()).toBe('one')
    expect(await sentBy({ user: 'bob' })).toBe('two')
  })

  it('L10 that names nobody there is: nothing is sent, and never by another', async () => {
    const nobody = JSON.stringify({ scope: 'authentication', action: 'email_provider=nobody' })
    await world.editing.parameters.put('policies/broken', nobody, false)
    expect(world.problems()).toContainEqual(expect.objectContaining({ name: 'policies/broken' }))
    const { failed } = await world.ask()
    expect(failed).toMatchObject([{ failure: 'configuration' }])
    expect([one, two].flatMap(({ sessions }) => sessions)).toEqual([])
  })

  it('L11 of the same name replaces the one before', async () => {
    await policy('mail', 'email_provider=two')
    await policy('mail', 'email_provider=one')
    expect((await world.ports.settings.current()).policies).toHaveLength(1)
    expect(await sentBy()).toBe('one')
  })

  it('L12 of another scope chooses nothing', async () => {
    const kept = await policy('mail', 'email_provider=two', { scope: 'enrollment' }).catch(String)
    expect([undefined, expect.any(String)]).toContainEqual(kept)
    expect(await sentBy()).toBe('one')
  })

  it.each([
    ['alice', 'two'],
    ['bob, alice', 'two'],
    ['bob', 'one'],
    ['*', 'two'],
    ['', 'two'],
    ['directory:', 'two'],
    ['other:', 'one'],
  ])('L13 for the users "%s": %s sends', async (user, by) => {
    await policy('mail', 'email_provider=two', { user })
    expect(await sentBy()).toBe(by)
  })

  it.each([
    ['demo', 'two'],
    ['DEMO', 'two'],
    ['other, demo', 'two'],
    ['other', 'one'],
    ['*', 'two'],
  ])('L14 for the realms "%s": %s sends', async (realm, by) => {
    await policy('mail', 'email_provider=two', { realm })
    expect(await sentBy()).toBe(by)
  })

  it.each([
    ['192.0.2.0/24', '192.0.2.9', 'two'],
    ['192.0.2.9', '192.0.2.9', 'two'],
    ['10.0.0.0/8, 2001:db8::/32', '2001:db8::1', 'two'],
    ['192.0.2.0/24', '198.51.100.1', 'one'],
    ['2001:db8::/32', '192.0.2.9', 'one'],
  ])('L15 for the clients %s, from %s: %s sends', async (client, clientIp, by) => {
    await policy('mail', 'email_provider=two', { client })
    expect(await sentBy({ caller: { clientIp } })).toBe(by)
  })
})

describe('a code', () => {
  async function asked() {
    const { outcome } = await world.ask()
    if (outcome.outcome !== 'challenged') throw new Error(outcome.outcome)
    const { text } = mailOf(one.sessions.at(-1)!, { from: FROM, to: ALICE })
    return {
      transactionId: outcome.issued[0]!.transactionId,
      pass: codeIn({ text }),
      user: 'alice',
    }
  }

  it.each([
    [119, 'accepted'],
    [121, 'rejected'],
  ])('L04 L17 answered after %i seconds, by default: %s', async (seconds, outcome) => {
    const answer = await asked()
    world.advance(seconds * 1000)
    expect((await world.check(answer)).outcome).toBe(outcome)
  })

  it('N18 is the content of the mail that is submitted, in both of its parts', async () => {
    const { text, html, contentType } = await mail()
    expect(contentType).toMatch(/^multipart\/alternative/)
    expect(html).toContain(`>${codeIn({ text })}</p>`)
  })

  it('L37 goes to nobody without a token', async () => {
    await world.addUser('carol', 'carol@firma.example')
    const { outcome } = await world.ask({ user: 'carol' })
    expect(outcome.outcome).not.toBe('challenged')
    expect([one, two].flatMap(({ sessions }) => sessions)).toEqual([])
  })
})

describe('text and subject', () => {
  const EML = [
    'Subject: From the template, ${serial}',
    'MIME-Version: 1.0',
    'Content-Type: multipart/related; boundary=outer',
    '',
    '--outer',
    'Content-Type: multipart/alternative; boundary=inner',
    '',
    '--inner',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Hello ${username}, your code:',
    '',
    '${otp}',
    '',
    'Unknown: ${nothing}',
    '',
    '--inner',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<html lang="en"><body><p>Hello ${username}</p><img src="cid:logo" alt="Logo">',
    '<p>${otp}</p></body></html>',
    '',
    '--inner--',
    '--outer',
    'Content-Type: image/png',
    'Content-ID: <logo>',
    'Content-Transfer-Encoding: base64',
    '',
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    '',
    '--outer--',
    '',
  ].join('\r\n')

  async function keep(name: string, source = EML): Promise<void> {
    const { template, findings } = await checkTemplate(Buffer.from(source))
    if (!template) throw new Error(JSON.stringify(findings))
    await world.templates.put({ ...template, name, savedAt: 0 })
  }

  it('L27 L34 the subject of the provider, where no template has one', async () => {
    await save('one', one, { EMAIL_SUBJECT: 'From the provider' })
    expect((await mail()).subject).toBe('From the provider')
    await keep('plain', EML.replace(/^Subject.*\r\n/, ''))
    await save('one', one, { EMAIL_SUBJECT: 'From the provider', TEMPLATE: 'file://plain.eml' })
    expect((await mail()).subject).toBe('From the provider')
  })

  it('L33 L34 L35 a template by file:// renders, and its subject outranks the provider’s', async () => {
    await keep('enroll2user')
    const TEMPLATE = 'file://enroll2user.eml'
    await save('one', one, { EMAIL_SUBJECT: 'From the provider', TEMPLATE })
    const { subject, text, html, types, raw } = await mail()
    expect(subject).toBe('From the template, EMALICE')
    expect(types).toEqual(['text/plain', 'text/html', 'image/png'])
    expect(text).toMatch(/^Hello alice, your code:\n\n\d{6}\n/)
    expect(html).toMatch(/<p>Hello alice<\/p><img src="cid:logo" alt="Logo">\s+<p>\d{6}<\/p>/)
    expect(raw.toString()).toMatch(/Content-I[dD]: <logo>/)
  })

  it('L35 an unknown ${x} stays as it is and is logged', async () => {
    await keep('enroll2user')
    await save('one', one, { TEMPLATE: 'enroll2user' })
    const { lines } = await world.ask()
    const { text } = mailOf(one.sessions[0]!, { from: FROM, to: ALICE })
    expect(text).toContain('Unknown: ${nothing}')
    expect(lines.filter(({ level }) => level === 'warn')).toMatchObject([{ tags: ['nothing'] }])
  })

  it.each(['file://../x', 'file:///etc/passwd', '/etc/passwd', 'file://a/b', '..\\x'])(
    'L33 the template %s is refused',
    async (TEMPLATE) => {
      const saved = await save('one', one, { TEMPLATE })
      expect(saved.outcome).toBe('refused')
      expect(JSON.stringify(saved)).toContain('TEMPLATE')
    },
  )

  it('L36 L12 a policy sets the subject and the text, where there is no template', async () => {
    await policy('words', "emailsubject='Code for Alice', emailtext='Your code: <otp>'")
    const { subject, text, html } = await mail()
    expect(subject).toBe('Code for Alice')
    expect(text.trim()).toMatch(/^Your code: \d{6}$/)
    expect(html).toBeUndefined()
  })

  it('L36 with a template the policy is not heard, and that is logged', async () => {
    await policy('words', "emailsubject='Code for Alice', emailtext='Your code: <otp>'")
    await keep('enroll2user')
    await save('one', one, { TEMPLATE: 'enroll2user' })
    const { lines } = await world.ask()
    const { subject, text } = mailOf(one.sessions[0]!, { from: FROM, to: ALICE })
    expect(subject).toBe('From the template, EMALICE')
    expect(text).not.toContain('Your code: ')
    expect(lines.filter(({ level }) => level === 'warn')).toContainEqual(
      expect.objectContaining({ policies: ['words'] }),
    )
  })

  it('X20 a text without <otp> has the code behind it', async () => {
    await policy('words', "emailtext='Hello'")
    expect((await mail()).text.trim()).toMatch(/^Hello\n\d{6}$/)
  })
})
