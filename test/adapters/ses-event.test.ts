import { describe, expect, it } from 'vitest'
import { readSesEvent } from '../../functions/adapters/ses-event.ts'

const AT = '2026-11-21T12:00:00.000Z'
const LATER = '2026-11-21T12:00:07.000Z'

/** As EventBridge brings it, with the members AWS documents. */
const event = (eventType: string, own: object, mail: object = {}) => ({
  version: '0',
  source: 'aws.ses',
  detail: {
    eventType,
    mail: {
      timestamp: AT,
      messageId: '0102-ses',
      source: 'login@otpost.example',
      destination: ['alice@firma.example'],
      tags: {
        'ses:configuration-set': ['otpost-dev'],
        transaction_id: ['01234567890123456789'],
        serial: ['EM0000AAAA'],
        kind: ['login'],
      },
      ...mail,
    },
    ...own,
  },
})
const bounce = (bounceType: string, more: object = {}) =>
  event('Bounce', {
    bounce: {
      ...{ bounceType, bounceSubType: 'General', timestamp: LATER },
      bouncedRecipients: [
        {
          emailAddress: 'alice@firma.example',
          status: '5.1.1',
          diagnosticCode: 'smtp; 550 5.1.1 <alice@firma.example>: user unknown',
        },
      ],
      ...more,
    },
  })

describe('an event of SES', () => {
  it('leads back to its challenge by tags, and tells when and to whom', () => {
    const delivery = { smtpResponse: '250 2.6.0 Message received', timestamp: LATER }
    expect(readSesEvent(event('Delivery', { delivery }))).toEqual({
      about: { kind: 'login', transactionId: '01234567890123456789', serial: 'EM0000AAAA' },
      ...{ state: 'delivered', permanent: false, at: Date.parse(LATER) },
      ...{ to: 'alice@firma.example', messageId: '0102-ses' },
      words: '250 2.6.0 Message received',
    })
  })

  it.each<[string, object, string]>([
    ['Send', { send: {} }, 'sent'],
    ['DeliveryDelay', { deliveryDelay: { delayType: 'MailboxFull' } }, 'delayed'],
    ['Complaint', { complaint: { complaintFeedbackType: 'abuse' } }, 'complained'],
    ['Reject', { reject: { reason: 'Bad content' } }, 'failed'],
    ['Rendering Failure', { failure: { errorMessage: 'no' } }, 'failed'],
  ])('of the type %s is at the time of the mail where it has none: %o', (type, own, state) => {
    expect(readSesEvent(event(type, own))).toMatchObject({ state, at: Date.parse(AT) })
  })

  it.each([
    ['Permanent', true],
    ['Transient', false],
    ['Undetermined', false],
  ])('tells a bounce for good (%s: %s)', (type, permanent) => {
    expect(readSesEvent(bounce(type))).toMatchObject({ state: 'bounced', permanent })
  })

  it("keeps the server's words, without the address and without any long number", () => {
    const diagnosticCode = 'smtp; 550 5.1.1 <alice@firma.example> code 287082 unknown\r\nX: y'
    const own = { bouncedRecipients: [{ diagnosticCode }] }
    const { words } = readSesEvent(bounce('Permanent', own))!
    expect(words).toBe('Permanent General smtp; 550 5.1.1 <***> code *** unknown X: y')
  })

  it('has no recipient where there are several: none of our mails has', () => {
    const several = event('Send', {}, { destination: ['a@x.example', 'b@x.example'] })
    expect(readSesEvent(several)).not.toHaveProperty('to')
  })

  it('gives codes without a token their place back, which no tag can hold', () => {
    const of = (kind: string) =>
      readSesEvent(event('Send', {}, { tags: { transaction_id: ['1'], kind: [kind] } }))?.about
    expect(of('address')).toMatchObject({ serial: '@pending' })
    expect(of('notice')).toMatchObject({ serial: '@former' })
    expect(of('login')).not.toHaveProperty('serial')
  })

  it.each<[unknown]>([
    [undefined],
    ['text'],
    [{}],
    [{ detail: null }],
    [event('Open', { open: {} })],
    [event('constructor', {})],
    [event('Delivery', {}, { messageId: undefined })],
    [event('Delivery', { delivery: { timestamp: 'now' } })],
  ])('is passed over when it is %j', (value) => {
    expect(readSesEvent(value)).toBeUndefined()
  })

  it.each<[object]>([[{ tags: 'x' }], [{ tags: { serial: 'x', kind: [7] } }], [{ tags: null }]])(
    'is about nothing known with %o',
    (mail) => {
      expect(readSesEvent(event('Send', {}, mail))?.about).toEqual({})
    },
  )
})
