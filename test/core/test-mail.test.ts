import { beforeEach, describe, expect, it } from 'vitest'
import { flatProvider } from '../../functions/core/flat-provider.ts'
import type { Mail } from '../../functions/core/ports.ts'
import type { Provider, SmtpProvider } from '../../functions/core/provider.ts'
import type { ProviderSecrets } from '../../functions/core/provider.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { sendTestMail, type TestMail } from '../../functions/core/test-mail.ts'
import { testMail } from '../../functions/mail/test-mail.ts'

const CERTIFICATE = '-----BEGIN CERTIFICATE-----'
const SINK: SmtpProvider = {
  ...{ kind: 'smtp', server: 'mail.example.org', port: 587, tls: 'starttls', username: 'otp' },
  ...{ sender: 'otp@example.org', senderName: '', subject: '', template: '', timeout: 5 },
  ...{ clientCertificate: CERTIFICATE, ca: '', description: '' },
}

let tests = 0
beforeEach(() => void (tests = 0))

async function send(request: Partial<TestMail>, raw: Record<string, string> = {}) {
  const stored = { ...SINK, password: 3, clientKey: 1 }
  const { settings } = parseSettings(raw)
  const mails: (Mail & ProviderSecrets)[] = []
  const sent = await sendTestMail(
    {
      settings: {
        current: async () => ({ ...settings, providers: new Map([['sink', stored]]) }),
      },
      storedSecrets: async (_, name) => ({
        password: `the password of ${name}`,
        clientKey: `the key of ${name}`,
      }),
      composeTest: testMail,
      now: () => 0,
      countTest: async () => ++tests,
      providerMailer: (_, secrets) => ({
        async send(mail) {
          mails.push({ ...mail, ...secrets })
          return { sent: true, reply: '250 ok' }
        },
      }),
    },
    { identifier: 'sink', provider: SINK, to: 'test@x.example', ...request },
  )
  return { sent, mails }
}

describe('a test mail', () => {
  it('goes to whom it should, from the sender of the server', async () => {
    const { sent, mails } = await send({ password: 'new' })
    expect(sent).toEqual({ sent: true, reply: '250 ok' })
    expect(mails).toMatchObject([
      { to: 'test@x.example', from: 'otp@example.org', password: 'new' },
    ])
  })

  it('says what it is, in the language of the deployment and with the name of the service', async () => {
    const [english] = (await send({})).mails
    expect(english).toMatchObject({ subject: 'Test e-mail from Otpost', date: new Date(0) })
    expect(english!.text).toMatch(/The mail server took this test e-mail from Otpost.*no code/s)

    const settings = { 'mail.locale': 'de', 'mail.service': 'Intranet' }
    const [german] = (await send({}, settings)).mails
    expect(german!.subject).toBe('Test-E-Mail von Otpost')
    expect(german!.text).toContain('Dies ist eine Test-E-Mail von Intranet')
    expect(german!.html).toContain('lang="de"')
    expect(`${german!.text}${german!.html}`).not.toMatch(/undefined|\{\w+\}/)
  })

  it('is sent with the stored password when none is given', async () => {
    expect((await send({})).mails[0]!.password).toBe('the password of sink')
  })

  it.each<[keyof SmtpProvider, Partial<SmtpProvider>]>([
    ['server', { server: 'evil.example' }],
    ['port', { port: 2525 }],
    ['tls', { tls: 'none' }],
    ['username', { username: 'other' }],
    ['ca', { ca: 'other' }],
  ])('never takes the stored password to another %s', async (_, change) => {
    const { mails } = await send({ provider: { ...SINK, ...change } })
    expect(mails[0]!.password).toBeUndefined()
  })

  it('takes the stored key along with its certificate, and with no other one', async () => {
    expect((await send({})).mails[0]!.clientKey).toBe('the key of sink')
    const provider = { ...SINK, clientCertificate: 'other' }
    expect((await send({ provider })).mails[0]!.clientKey).toBeUndefined()
    expect((await send({ provider, clientKey: 'new' })).mails[0]!.clientKey).toBe('new')
  })

  it('goes by SES too, which nobody logs in to', async () => {
    const provider: Provider = {
      ...{ kind: 'ses', sender: 'ses@x.example', senderName: 'Login', subject: '', template: '' },
      ...{ timeout: 5, description: '' },
    }
    const [mail] = (await send({ provider })).mails
    expect(mail).toMatchObject({ from: 'ses@x.example', fromName: 'Login', password: undefined })
  })

  it('is not sent by nobody', async () => {
    const provider = { ...SINK, sender: '' }
    expect((await send({ provider })).sent).toMatchObject({ sent: false, failure: 'configuration' })
    const { mails } = await send({ provider }, { 'email.mailfrom': 'me@example.org' })
    expect(mails[0]!.from).toBe('me@example.org')
  })

  it('N10: says what it is given to say, and is marked as a test', async () => {
    const [mail] = (await send({ text: 'Hello from the office' })).mails
    expect(mail).toMatchObject({
      text: 'Hello from the office\r\n',
      reference: { kind: 'test' },
    })
  })

  it('N10: is sent with the settings without a name, and their password', async () => {
    const flat = {
      'mail.provider': 'smtp',
      'email.mailserver': 'relay.example.org',
      'email.username': 'otp',
      'email.mailfrom': 'otp@example.org',
    }
    const { settings } = parseSettings(flat)
    const provider = flatProvider(settings)
    const { mails } = await send({ identifier: '', provider }, flat)
    expect(mails[0]).toMatchObject({ from: 'otp@example.org', password: 'the password of ' })
    const other = { ...provider, server: 'evil.example' } as Provider
    const away = await send({ identifier: '', provider: other }, flat)
    expect(away.mails[0]!.password).toBeUndefined()
  })

  it('reaches one address twenty times an hour at most', async () => {
    for (let count = 0; count < 20; count++) expect((await send({})).sent.sent).toBe(true)
    const { sent, mails } = await send({})
    expect(sent).toMatchObject({ sent: false, failure: 'quota' })
    expect(mails).toEqual([])
  })
})
