import { describe, expect, it } from 'vitest'
import type { Mail } from '../../functions/core/ports.ts'
import type { Provider } from '../../functions/core/provider.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { sendTestMail, type TestMail } from '../../functions/core/test-mail.ts'

const SINK: Provider = {
  server: 'mail.example.org',
  port: 587,
  tls: 'starttls',
  username: 'otp',
  sender: 'otp@example.org',
  timeout: 5,
  description: '',
}

async function send(request: Partial<TestMail>, raw: Record<string, string> = {}) {
  const { settings } = parseSettings(
    { 'providers/sink': JSON.stringify(SINK), ...raw },
    { 'providers/sink.password': 3 },
  )
  const mails: (Mail & { password: string | undefined })[] = []
  const sent = await sendTestMail(
    {
      settings: { current: async () => settings },
      storedPassword: async (_, name) => `the password of ${name}`,
      now: () => 0,
      providerMailer: (_, password) => ({
        async send(mail) {
          mails.push({ ...mail, password })
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

  it.each<[keyof Provider, Partial<Provider>]>([
    ['server', { server: 'evil.example' }],
    ['port', { port: 2525 }],
    ['tls', { tls: 'none' }],
    ['username', { username: 'other' }],
  ])('never takes the stored password to another %s', async (_, change) => {
    const { mails } = await send({ provider: { ...SINK, ...change } })
    expect(mails[0]!.password).toBeUndefined()
  })

  it('is not sent by nobody', async () => {
    const provider = { ...SINK, sender: '' }
    expect((await send({ provider })).sent).toMatchObject({ sent: false, failure: 'configuration' })
    const { mails } = await send({ provider }, { 'email.mailfrom': 'me@example.org' })
    expect(mails[0]!.from).toBe('me@example.org')
  })
})
