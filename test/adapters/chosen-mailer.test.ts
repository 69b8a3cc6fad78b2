import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chosenMailer } from '../../functions/adapters/chosen-mailer.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { sampleMail } from './sample-mail.ts'
import { type Sink, startSink } from './smtp-sink.ts'

const ses = mockClient(SESv2Client)
let sink: Sink
let other: Sink
beforeAll(async () => {
  const plain = { allowInsecureAuth: true, hideSTARTTLS: true }
  ;[sink, other] = await Promise.all([startSink(plain), startSink(plain)])
})
beforeEach(() => {
  for (const { received, logins } of [sink, other]) received.length = logins.length = 0
  ses.reset()
  ses.on(SendEmailCommand).resolves({ MessageId: '1' })
})
afterAll(() => Promise.all([sink.stop(), other.stop()]))

async function send(raw: Record<string, string>, identifier?: string) {
  const server = { server: '127.0.0.1', port: sink.port, username: 'otp', sender: 'pi@x.example' }
  const { settings } = parseSettings(
    {
      'providers/sink': JSON.stringify(server),
      'email.mailserver': '127.0.0.1',
      'email.port': String(other.port),
      ...raw,
    },
    { 'providers/sink.password': 7 },
  )
  const choose = chosenMailer({
    ses: new SESv2Client({ region: 'eu-central-1' }),
    secret: async (name, version) => `${name} ${version}`,
  })
  const mailer = await choose(settings, identifier)
  return mailer.send(sampleMail())
}

describe('a mail goes by', () => {
  it('SES where nothing else is said', async () => {
    expect(await send({})).toMatchObject({ sent: true })
    expect(ses.calls()).toHaveLength(1)
  })

  it('the mail server of the parameters', async () => {
    expect(await send({ 'mail.provider': 'smtp' })).toMatchObject({ sent: true })
    expect(other.received).toMatchObject([{ from: 'login@otpost.example' }])
    expect(ses.calls()).toHaveLength(0)
  })

  it('the mail server of email.identifier, with its sender, user and password', async () => {
    expect(await send({ 'email.identifier': 'sink' })).toMatchObject({ sent: true })
    expect(sink.received).toMatchObject([{ from: 'pi@x.example' }])
    expect(sink.logins).toEqual([{ user: 'otp', password: 'providers/sink.password 7' }])
    expect(ses.calls()).toHaveLength(0)
  })

  it('the mail server that the token names', async () => {
    expect(await send({ 'mail.provider': 'smtp' }, 'sink')).toMatchObject({ sent: true })
    expect([sink.received.length, other.received.length]).toEqual([1, 0])
  })

  it('nobody when the name is nobody’s', async () => {
    for (const sent of [await send({ 'email.identifier': 'nope' }), await send({}, 'nope')]) {
      expect(sent).toMatchObject({ sent: false, failure: 'configuration' })
    }
    expect(ses.calls()).toHaveLength(0)
  })
})
