import { describe, expect, it } from 'vitest'
import type { Mail } from '../../functions/core/ports.ts'
import type { Provider, SmtpProvider } from '../../functions/core/provider.ts'
import type { ProviderSecrets } from '../../functions/core/provider.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { sendTestMail, type TestMail } from '../../functions/core/test-mail.ts'

const CERTIFICATE = '-----BEGIN CERTIFICATE-----'
const SINK: SmtpProvider = {
  ...{ kind: 'smtp', server: 'mail.example.org', port: 587, tls: 'starttls', username: 'otp' },
  ...{ sender: 'otp@example.org', senderName: '', subject: '', template: '', timeout: 5 },
  ...{ clientCertificate: CERTIFICATE, ca: '', description: '' },
}

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
      now: () => 0,
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
})
