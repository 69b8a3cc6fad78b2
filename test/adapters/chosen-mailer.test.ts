import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chosenMailer } from '../../functions/adapters/chosen-mailer.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { sampleMail } from './sample-mail.ts'
import { type Sink, startSink } from './smtp-sink.ts'

const ses = mockClient(SESv2Client)
let certificates: Certificates
let sink: Sink
let other: Sink
/** Lets in nobody without a client certificate. */
let mutual: Sink
beforeAll(async () => {
  certificates = await makeCertificates(['127.0.0.1'])
  const plain = { allowInsecureAuth: true, hideSTARTTLS: true }
  const strict = { requestCert: true, rejectUnauthorized: true, ca: [certificates.ca] }
  ;[sink, other, mutual] = await Promise.all([
    startSink(plain),
    startSink(plain),
    startSink({ ...certificates.server, ...strict, secure: true }),
  ])
})
const all = () => [sink, other, mutual]
beforeEach(() => {
  for (const { received, logins } of all()) received.length = logins.length = 0
  ses.reset()
  ses.on(SendEmailCommand).resolves({ MessageId: '1' })
})
afterAll(() => Promise.all(all().map((one) => one.stop())))

const PROVIDERS = () => ({
  sink: { server: '127.0.0.1', port: sink.port, username: 'otp' },
  plain: { server: '127.0.0.1', port: other.port },
  mutual: {
    ...{ server: '127.0.0.1', port: mutual.port, tls: 'implicit' },
    ...{ client_certificate: certificates.client.cert, ca: certificates.ca },
  },
  anonymous: { server: '127.0.0.1', port: mutual.port, tls: 'implicit', ca: certificates.ca },
  untrusting: {
    ...{ server: '127.0.0.1', port: mutual.port, tls: 'implicit' },
    client_certificate: certificates.client.cert,
  },
  cloud: { kind: 'ses' },
})
type Name = keyof ReturnType<typeof PROVIDERS>

async function send(raw: Record<string, string>, name?: Name) {
  const providers = Object.entries(PROVIDERS()).map(
    ([each, value]) => [`providers/${each}`, JSON.stringify(value)] as const,
  )
  const { settings, problems } = parseSettings(
    {
      'email.mailserver': '127.0.0.1',
      'email.port': String(other.port),
      'email.mailfrom': 'login@otpost.example',
      ...Object.fromEntries(providers),
      ...raw,
    },
    {
      'providers/sink.password': 7,
      'providers/mutual.client_key': 2,
      'providers/untrusting.client_key': 3,
    },
  )
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const choose = chosenMailer({
    ses: new SESv2Client({ region: 'eu-central-1' }),
    secret: async ({ secrets }, name) => {
      const { version } = secrets.get(name) ?? {}
      if (version === undefined) return undefined
      return name.endsWith('.client_key') ? certificates.client.key : `${name} ${version}`
    },
  })
  const provider = name && { name, ...settings.providers.get(name)! }
  const mailer = await choose(settings, provider)
  return mailer.send(sampleMail())
}

describe('a mail goes by', () => {
  it('R05: SES where nothing else is said', async () => {
    expect(await send({})).toMatchObject({ sent: true })
    expect(ses.calls()).toHaveLength(1)
  })

  it('the mail server of the parameters', async () => {
    expect(await send({ 'mail.provider': 'smtp' })).toMatchObject({ sent: true })
    expect(other.received).toMatchObject([{ from: 'login@otpost.example' }])
    expect(ses.calls()).toHaveLength(0)
  })

  it('the mail server of a provider, with its user and password', async () => {
    expect(await send({ 'mail.provider': 'smtp' }, 'sink')).toMatchObject({ sent: true })
    expect([sink.received.length, other.received.length]).toEqual([1, 0])
    expect(sink.logins).toEqual([{ user: 'otp', password: 'providers/sink.password 7' }])
  })

  it('the mail server of a provider that wants no user', async () => {
    expect(await send({ 'mail.provider': 'ses' }, 'plain')).toMatchObject({ sent: true })
    expect([other.received.length, other.logins.length]).toEqual([1, 0])
    expect(ses.calls()).toHaveLength(0)
  })

  it('SES where a provider is SES', async () => {
    expect(await send({ 'mail.provider': 'smtp' }, 'cloud')).toMatchObject({ sent: true })
    expect(ses.calls()).toHaveLength(1)
    expect(other.received).toEqual([])
  })
})

describe('a mail server that wants to know its clients', () => {
  it('takes mail from the provider whose certificate it trusts', async () => {
    expect(await send({}, 'mutual')).toMatchObject({ sent: true })
    expect(mutual.received).toMatchObject([{ secure: true }])
  })

  it('takes none from the one without a certificate', async () => {
    expect(await send({}, 'anonymous')).toMatchObject({ sent: false })
    expect(mutual.received).toEqual([])
  })

  it('is sent none by the one that does not trust it', async () => {
    expect(await send({}, 'untrusting')).toMatchObject({ sent: false, failure: 'configuration' })
    expect(mutual.received).toEqual([])
  })
})
