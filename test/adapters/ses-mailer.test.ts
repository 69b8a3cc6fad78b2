import { createHash } from 'node:crypto'
import { SendEmailCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { mockClient } from 'aws-sdk-client-mock'
import { simpleParser } from 'mailparser'
import { beforeEach, describe, expect, it } from 'vitest'
import { readSesEvent } from '../../functions/adapters/ses-event.ts'
import { sesMailer } from '../../functions/adapters/ses-mailer.ts'
import type { MailReference } from '../../functions/core/ports.ts'
import { reportSeal } from '../../functions/core/report-seal.ts'
import { OTP, sampleMail } from './sample-mail.ts'

const client = new SESv2Client({ region: 'eu-central-1' })
const ses = mockClient(client)
const mailer = sesMailer({
  client,
  configurationSet: 'otpost',
  timeoutMs: 5000,
  wait: async () => undefined,
})

beforeEach(() => ses.reset())

function request() {
  return ses.commandCalls(SendEmailCommand)[0]!.args[0].input
}

it('sends the MIME message with explicit sender and recipient', async () => {
  ses.on(SendEmailCommand).resolves({ MessageId: '0102-ses' })
  const mail = sampleMail()
  expect(await mailer.send(mail)).toEqual({ sent: true, reply: '0102-ses' })

  const { Content, ...rest } = request()
  expect(rest).toEqual({
    FromEmailAddress: 'login@otpost.example',
    Destination: { ToAddresses: ['Alice.Cooper+otp@firma.example'] },
    ConfigurationSetName: 'otpost',
  })
  const parsed = await simpleParser(Buffer.from(Content!.Raw!.Data!))
  expect(parsed.subject).toBe(mail.subject)
  expect(parsed.text?.trim()).toBe(mail.text.trim())
  expect(parsed.headers.get('auto-submitted')).toBe('auto-generated')
})

describe('what a mail is about', () => {
  const tagsOf = async (reference: MailReference) => {
    ses.on(SendEmailCommand).resolves({ MessageId: '1' })
    await mailer.send({ ...sampleMail(), reference })
    return Object.fromEntries(request().EmailTags!.map(({ Name, Value }) => [Name, Value]))
  }

  it('goes along as tags, and not in the mail', async () => {
    const reference = { transactionId: '01234567890123456789', serial: 'EM-1_a' }
    expect(await tagsOf({ kind: 'login', ...reference })).toEqual({
      ...{ kind: 'login', transaction_id: reference.transactionId, serial: 'EM-1_a' },
    })
    expect(Buffer.from(request().Content!.Raw!.Data!).toString()).not.toContain('EM-1_a')
  })

  it.each(['@pending', 'a b', 'x'.repeat(256), 'ü', ''])(
    'is left out where SES would refuse the mail for it: %j',
    async (serial) => {
      expect(await tagsOf({ kind: 'address', serial })).toEqual({ kind: 'address' })
    },
  )

  it('is sealed where there is a key, and still sent where there is none at the moment', async () => {
    const key = createHash('sha256').update('report').digest()
    const seals: unknown[] = []
    for (const sealKey of [async () => key, () => Promise.reject(new Error('no key'))]) {
      ses.reset()
      ses.on(SendEmailCommand).resolves({ MessageId: '1' })
      const sent = await sesMailer({ client, timeoutMs: 1000, sealKey }).send({
        ...sampleMail(),
        reference: { kind: 'address', transactionId: '01234567890123456789', serial: '@pending' },
      })
      expect(sent.sent).toBe(true)
      const tags = request().EmailTags!.map(({ Name, Value }) => [Name!, [Value]] as const)
      const destination = request().Destination!.ToAddresses
      const mail = { messageId: '1', tags: Object.fromEntries(tags), destination, timestamp: 'now' }
      const detail = {
        eventType: 'Delivery',
        mail,
        delivery: { timestamp: '2026-11-21T12:00:00.000Z' },
      }
      const event = readSesEvent({ detail })!
      const { kind, ...ids } = event.about
      seals.push(event.seal)
      if (event.seal !== undefined) {
        expect(event.seal).toBe(reportSeal(key, { kind: kind!, ...ids }, event.to!))
      }
    }
    expect(seals).toEqual([expect.stringMatching(/^[\w-]{22}$/), undefined])
  })

  it('is nothing of a mail that says nothing of it', async () => {
    ses.on(SendEmailCommand).resolves({ MessageId: '1' })
    await mailer.send(sampleMail())
    expect(request().EmailTags).toBeUndefined()
  })
})

it('R01: names an international domain in its ASCII form', async () => {
  ses.on(SendEmailCommand).resolves({ MessageId: '1' })
  await mailer.send(sampleMail({ to: 'alice@bücher.example' }))
  expect(request().Destination).toEqual({ ToAddresses: ['alice@xn--bcher-kva.example'] })
})

it.each([
  [{ to: 'a@x.example,b@y.example' }, 'address'],
  [{ to: 'jürgen@x.example' }, 'address'],
  [{ from: 'jürgen@x.example' }, 'configuration'],
  [{ from: 'nobody' }, 'configuration'],
] as const)('does not ask SES to send %j', async (changes, failure) => {
  expect(await mailer.send(sampleMail(changes))).toMatchObject({ sent: false, failure })
  expect(ses.commandCalls(SendEmailCommand)).toEqual([])
})

it.each([
  ['TooManyRequestsException', 429, 'Maximum sending rate exceeded.', 'transient'],
  ['LimitExceededException', 400, 'Too many', 'transient'],
  ['ThrottlingException', 400, 'Rate exceeded', 'transient'],
  ['MessageRejected', 400, 'Email address is not verified.', 'configuration'],
  ['MailFromDomainNotVerifiedException', 400, 'MAIL FROM domain', 'configuration'],
  ['TooManyRequestsException', 429, 'Daily message quota exceeded', 'quota'],
  ['LimitExceededException', 400, 'Daily message quota exceeded.', 'quota'],
  ['AccountSuspendedException', 400, 'suspended', 'suspended'],
  ['SendingPausedException', 400, 'paused', 'suspended'],
  ['NotFoundException', 404, 'Configuration set does not exist', 'configuration'],
  ['AccessDeniedException', 403, 'not authorized', 'configuration'],
  ['BadRequestException', 400, 'Illegal address', 'address'],
  ['BadRequestException', 400, "Invalid domain name: 'x'", 'address'],
  ['BadRequestException', 400, 'Malformed header', 'configuration'],
  ['InternalFailure', 500, 'internal', 'unknown'],
  ['ServiceUnavailable', 503, 'busy', 'unknown'],
])('takes %s (%d, %s) for a failure that is %s', async (name, status, message, failure) => {
  const error = Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })
  ses.on(SendEmailCommand).rejects(error)
  expect(await mailer.send(sampleMail())).toEqual({
    sent: false,
    failure,
    reply: `${name}: ${message}`,
  })
})

/** As the SDK's handler says it. */
const NO_SOCKET =
  '@smithy/node-http-handler - the request socket did not establish a connection with the server' +
  ' within the configured timeout of 1000 ms.'

it.each([
  [{ name: 'TimeoutError' }, 'unknown'],
  [{ code: 'ECONNRESET' }, 'unknown'],
  [{ code: 'ECONNREFUSED' }, 'transient'],
  [{ name: 'TimeoutError', message: NO_SOCKET }, 'transient'],
  [{ name: 'CredentialsProviderError' }, 'configuration'],
])('takes an error like %j for a failure that is %s', async (likeness, failure) => {
  ses.on(SendEmailCommand).rejects(Object.assign(new Error('no answer'), likeness))
  expect(await mailer.send(sampleMail())).toMatchObject({ sent: false, failure })
})

it('keeps the code out of the reply', async () => {
  ses.on(SendEmailCommand).rejects(new Error(`cannot send\n${OTP}`))
  expect(await mailer.send(sampleMail())).toMatchObject({ reply: 'Error: cannot send ***' })
})

describe('a throttled mail', () => {
  const throttled = Object.assign(new Error('Maximum sending rate exceeded.'), {
    name: 'TooManyRequestsException',
  })

  it('is tried again within the same sending', async () => {
    ses.on(SendEmailCommand).rejectsOnce(throttled).resolves({ MessageId: '2' })
    expect(await mailer.send(sampleMail())).toEqual({ sent: true, reply: '2' })
    expect(ses.commandCalls(SendEmailCommand)).toHaveLength(2)
  })

  it('is given back after the third time', async () => {
    ses.on(SendEmailCommand).rejects(throttled)
    expect(await mailer.send(sampleMail())).toMatchObject({ failure: 'transient' })
    expect(ses.commandCalls(SendEmailCommand)).toHaveLength(3)
  })

  it('may have been sent after any other failure, and is not repeated', async () => {
    ses.on(SendEmailCommand).rejects(Object.assign(new Error('late'), { name: 'TimeoutError' }))
    expect(await mailer.send(sampleMail())).toMatchObject({ failure: 'unknown' })
    expect(ses.commandCalls(SendEmailCommand)).toHaveLength(1)
  })
})

describe('a silent SES', () => {
  const silent = () => {
    const requestHandler = {
      handle: (_request: unknown, { abortSignal }: { abortSignal: AbortSignal }) =>
        new Promise<never>((_, reject) => {
          const aborted = () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' }))
          abortSignal.addEventListener('abort', aborted)
        }),
    }
    const credentials = { accessKeyId: 'id', secretAccessKey: 'key' }
    const region = 'eu-central-1'
    return new SESv2Client({ region, credentials, requestHandler: requestHandler as never })
  }

  it.each([
    [{ timeoutMs: 100 }, undefined],
    [{ timeoutMs: 5000 }, { timeoutMs: 100, readyMs: 50 }],
  ])('is given up in time: %j, limits %j', async ({ timeoutMs }, limits) => {
    ses.restore()
    const began = performance.now()
    const sent = await sesMailer({ client: silent(), timeoutMs }).send(sampleMail(), limits)
    expect(sent).toMatchObject({ sent: false, failure: 'unknown' })
    expect(performance.now() - began).toBeLessThan(4000)
  })
})
