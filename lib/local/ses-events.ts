/** What SES reports of the mails it took, as EventBridge brings it. */
import { randomUUID } from 'node:crypto'
import { ACCOUNT, type Templates } from './cfn.ts'
import type { Event } from './events.ts'

type Json = Record<string, any>

/** A mail that SES took, as far as reports tell of it. */
export type TakenMail = {
  messageId: string
  from: string
  to: string[]
  /** Undefined: nobody hears of this mail. */
  configurationSet: string | undefined
  tags: { Name: string; Value: string }[]
}

/** One report: the type a destination names, its names in the event, and what it says. */
type Report = { type: string; detailType: string; eventType: string; member: string; says: Json }

const SEND: Report = report('send', 'Email Sent', 'Send', 'send', {})
const DELIVERY = report('delivery', 'Email Delivered', 'Delivery', 'delivery', {
  smtpResponse: '250 2.6.0 Message received',
  processingTimeMillis: 12,
})
const bounce = (bounceSubType: string, diagnosticCode: string) =>
  report('bounce', 'Email Bounced', 'Bounce', 'bounce', {
    bounceType: 'Permanent',
    bounceSubType,
    bouncedRecipients: [{ action: 'failed', status: '5.1.1', diagnosticCode }],
  })
const COMPLAINT = report('complaint', 'Email Complaint Received', 'Complaint', 'complaint', {
  complaintFeedbackType: 'abuse',
})

/** SES's own mailbox simulator: what becomes of a mail to these, with any `+label`. */
const SIMULATED: Readonly<Record<string, Report[]>> = {
  success: [SEND, DELIVERY],
  bounce: [SEND, bounce('General', 'smtp; 550 5.1.1 user unknown')],
  complaint: [SEND, DELIVERY, COMPLAINT],
  ooto: [SEND, DELIVERY],
  suppressionlist: [SEND, bounce('Suppressed', 'Amazon SES did not send the message')],
}
const SIMULATOR = /^(\w+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i

/** The reports of a mail, in the order SES sends them; each with the type its destination names. */
export function reportsOf(mail: TakenMail): { type: string; event: Event }[] {
  const [, name = 'success'] = SIMULATOR.exec(mail.to[0] ?? '') ?? []
  const reports = SIMULATED[name.toLowerCase()] ?? SIMULATED.success!
  return reports.map((one) => ({ type: one.type, event: eventOf(one, mail) }))
}

function eventOf({ detailType, eventType, member, says }: Report, mail: TakenMail): Event {
  const { messageId, from, to, configurationSet = '', tags } = mail
  const timestamp = new Date().toISOString()
  const own = tags.map(({ Name, Value }) => [Name, [Value]] as const)
  return {
    version: '0',
    id: randomUUID(),
    source: 'aws.ses',
    'detail-type': detailType,
    account: ACCOUNT,
    time: timestamp,
    resources: [`arn:aws:ses:us-east-1:${ACCOUNT}:configuration-set/${configurationSet}`],
    detail: {
      eventType,
      mail: {
        timestamp,
        source: from,
        messageId,
        destination: to,
        tags: { ...Object.fromEntries(own), 'ses:configuration-set': [configurationSet] },
      },
      [member]: { ...says, ...(member === 'send' ? {} : { timestamp }) },
    },
  }
}

/** The types of report that each configuration set sends to EventBridge. */
export function reportedTypes(templates: Templates): Map<string, Set<string>> {
  const types = new Map<string, Set<string>>()
  for (const found of templates.ofType('AWS::SES::ConfigurationSetEventDestination')) {
    const { Enabled, EventBridgeDestination, MatchingEventTypes } = found.get('EventDestination')
    if (!Enabled || !EventBridgeDestination) continue
    const name: string = found.get('ConfigurationSetName')
    types.set(name, new Set([...(types.get(name) ?? []), ...MatchingEventTypes]))
  }
  return types
}

/** Hears of every mail that SES takes. */
export class TakenMails {
  #listener: (mail: TakenMail) => void = () => {}

  follow(listener: (mail: TakenMail) => void): void {
    this.#listener = listener
  }

  /** After the answer to whoever sent it, as with AWS. */
  add(mail: TakenMail): void {
    setImmediate(() => this.#listener(mail))
  }
}

function report(
  type: string,
  detailType: string,
  eventType: string,
  member: string,
  says: Json,
): Report {
  return { type, detailType, eventType, member, says }
}
