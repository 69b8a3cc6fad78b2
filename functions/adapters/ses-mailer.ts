import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2'
import type { Mail, Mailer, SendFailure, Sent } from '../core/ports.ts'
import { isAsciiMailbox, wireAddress } from '../mail/mailbox.ts'
import { refuseAddresses, toMime } from './mime.ts'
import { safeReply } from './reply.ts'

export type SesMailerOptions = {
  /** Its time-outs and retries are the caller's choice; a retry repeats the same mail. */
  client: SESv2Client
  /** Publishes bounces and complaints. @default none */
  configurationSet?: string
}

/** Sends by Amazon SES. The reply is SES's message id, or what SES said against it. */
export function sesMailer({ client, configurationSet }: SesMailerOptions): Mailer {
  return {
    async send(mail) {
      const refused = refuseAddresses(mail) ?? refuseBeyondAscii(mail)
      if (refused) return refused

      const command = new SendEmailCommand({
        FromEmailAddress: wireAddress(mail.from),
        Destination: { ToAddresses: [wireAddress(mail.to)] },
        Content: { Raw: { Data: await toMime(mail) } },
        ConfigurationSetName: configurationSet,
      })
      try {
        const { MessageId } = await client.send(command)
        return { sent: true, reply: MessageId ?? '' }
      } catch (error) {
        const { name, message } = error as SesError
        return {
          sent: false,
          failure: sesFailure(error as SesError),
          reply: safeReply(`${name}: ${message}`, mail),
        }
      }
    },
  }
}

/** SES has no SMTPUTF8. */
function refuseBeyondAscii(mail: Mail): Sent | undefined {
  const reply = 'SES takes ASCII local parts only.'
  if (!isAsciiMailbox(mail.from)) return { sent: false, failure: 'configuration', reply }
  if (!isAsciiMailbox(mail.to)) return { sent: false, failure: 'address', reply }
  return undefined
}

/** The parts that service exceptions and network errors of the SDK have in common. */
type SesError = Error & { code?: string; $metadata?: { httpStatusCode?: number } }

const THROTTLED = new Set([
  'TooManyRequestsException',
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
])
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])
const ABOUT_AN_ADDRESS = /address|domain name|recipient/i

function sesFailure(error: SesError): SendFailure {
  if (THROTTLED.has(error.name)) return 'transient'
  if (error.name === 'CredentialsProviderError') return 'configuration'
  if (error.name === 'BadRequestException') {
    return ABOUT_AN_ADDRESS.test(error.message) ? 'address' : 'configuration'
  }

  const status = error.$metadata?.httpStatusCode
  if (status !== undefined && status >= 400 && status < 500) return 'configuration'
  return NEVER_CONNECTED.has(error.code ?? '') ? 'transient' : 'unknown'
}
