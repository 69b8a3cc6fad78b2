/** SES v2: takes mail into the local mailbox and answers what a health check asks. */
import MailComposer from 'nodemailer/lib/mail-composer/index.js'
import { AwsError } from './aws-error.ts'
import type { RestCall, RestReply, RestService } from './aws-endpoint.ts'
import type { Mailbox } from './mailbox.ts'
import type { TakenMails } from './ses-events.ts'

type Json = Record<string, any>

const IDENTITY = /^\/v2\/email\/identities\/([^/]+)$/

export function sesService(mailbox: Mailbox, taken: TakenMails): RestService {
  return {
    route(method, path, body): RestCall | undefined {
      if (method === 'POST' && path === '/v2/email/outbound-emails') {
        return {
          operation: 'SendEmail',
          perform: () => send(mailbox, taken, JSON.parse(String(body))),
        }
      }
      if (method === 'GET' && path === '/v2/email/account') {
        return { operation: 'GetAccount', perform: async () => ({ body: ACCOUNT }) }
      }
      const identity = method === 'GET' ? IDENTITY.exec(path)?.[1] : undefined
      if (!identity) return undefined
      return { operation: 'GetEmailIdentity', perform: async () => ({ body: verified(identity) }) }
    },
  }
}

async function send(mailbox: Mailbox, taken: TakenMails, request: Json): Promise<RestReply> {
  const { FromEmailAddress: from, Destination = {}, Content = {} } = request
  const to: string[] = [
    ...(Destination.ToAddresses ?? []),
    ...(Destination.CcAddresses ?? []),
    ...(Destination.BccAddresses ?? []),
  ]
  const message = await mailbox.add(await source(from, to, Content), { from, to })
  const { ConfigurationSetName: configurationSet, EmailTags: tags = [] } = request
  taken.add({ messageId: message.id, from, to, configurationSet, tags })
  return { body: { MessageId: message.id } }
}

async function source(from: string, to: string[], content: Json): Promise<Buffer> {
  if (content.Raw?.Data) return Buffer.from(content.Raw.Data, 'base64')
  if (!content.Simple) throw new AwsError('BadRequestException', 'Content must be Raw or Simple.')
  const { Subject, Body } = content.Simple
  const mail = { from, to, subject: Subject.Data, text: Body.Text?.Data, html: Body.Html?.Data }
  return new MailComposer(mail).compile().build()
}

const ACCOUNT = {
  DedicatedIpAutoWarmupEnabled: false,
  EnforcementStatus: 'HEALTHY',
  ProductionAccessEnabled: true,
  SendingEnabled: true,
  SendQuota: { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 0 },
}

function verified(identity: string): Json {
  return {
    IdentityType: decodeURIComponent(identity).includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN',
    VerifiedForSendingStatus: true,
    VerificationStatus: 'SUCCESS',
    DkimAttributes: { SigningEnabled: true, Status: 'SUCCESS' },
  }
}
