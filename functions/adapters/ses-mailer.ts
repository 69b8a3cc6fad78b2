import { setTimeout as delay } from 'node:timers/promises'
import { SendEmailCommand, type SESv2Client } from '@aws-sdk/client-sesv2'
import type { Mail, Mailer, SendFailure, Sent } from '../core/ports.ts'
import { reportSeal } from '../core/report-seal.ts'
import { isAsciiMailbox, wireAddress } from '../mail/mailbox.ts'
import { refuseAddresses, toMime } from './mime.ts'
import { isDailyQuota, safeReply } from './reply.ts'
import { sesTags } from './ses-tags.ts'

export type SesMailerOptions = {
  /** Tries once: a retry of its own could mail twice where another provider would do. */
  client: SESv2Client
  /** Publishes bounces and complaints. @default none */
  configurationSet?: string | undefined
  /** The key `report`. @default mails are not sealed, and what is reported of them is not taken */
  sealKey?: (() => Promise<Uint8Array>) | undefined
  /** Milliseconds for the whole sending. */
  timeoutMs: number
  /** Waits before a throttled mail is tried again. @default {@link backOff} */
  wait?: (tries: number) => Promise<unknown>
}

/** A throttled mail was not taken. So often it is worth another try within the same sending. */
const THROTTLED_TRIES = 3

/** With jitter, or all that were throttled together would be again. */
const backOff = (tries: number) => delay(tries * (100 + 100 * Math.random()))

/**
 * Sends by Amazon SES. The reply is SES's message id, or what SES said against it. One request has
 * no moment at which SES is ready and has taken nothing yet: without an answer nobody knows.
 */
export function sesMailer(options: SesMailerOptions): Mailer {
  const { client, configurationSet, sealKey, timeoutMs, wait = backOff } = options

  async function sendOnce(command: SendEmailCommand, mail: Mail, abortSignal: AbortSignal) {
    try {
      const { MessageId } = await client.send(command, { abortSignal })
      return { sent: true, reply: MessageId ?? '' } as const
    } catch (thrown) {
      const error = thrown as SesError
      const reply = safeReply(`${error.name}: ${error.message}`, mail)
      return { sent: false, failure: sesFailure(error), reply } as const
    }
  }

  /** The mail matters more than what is reported of it. */
  async function sealOf({ reference, to }: Mail): Promise<string | undefined> {
    const key = reference && (await sealKey?.().catch(() => undefined))
    return key && reportSeal(key, reference, to)
  }

  return {
    async send(mail, limits) {
      const refused = refuseAddresses(mail) ?? refuseBeyondAscii(mail)
      if (refused) return refused

      const command = new SendEmailCommand({
        FromEmailAddress: wireAddress(mail.from),
        Destination: { ToAddresses: [wireAddress(mail.to)] },
        Content: { Raw: { Data: await toMime(mail) } },
        ConfigurationSetName: configurationSet,
        EmailTags: sesTags(mail.reference, await sealOf(mail)),
      })
      const signal = AbortSignal.timeout(Math.min(timeoutMs, limits?.timeoutMs ?? timeoutMs))
      for (let tries = 1; ; tries++) {
        const sent = await sendOnce(command, mail, signal)
        const again = !sent.sent && sent.failure === 'transient' && tries < THROTTLED_TRIES
        if (!again) return sent
        await wait(tries)
        if (signal.aborted) return sent
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
const SUSPENDED = new Set(['AccountSuspendedException', 'SendingPausedException'])
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])
/** What the SDK says when `connectionTimeout` is over. */
const NO_CONNECTION = /did not establish a connection/
const ABOUT_AN_ADDRESS = /address|domain name|recipient/i

function sesFailure(error: SesError): SendFailure {
  if (THROTTLED.has(error.name)) return isDailyQuota(error.message) ? 'quota' : 'transient'
  if (SUSPENDED.has(error.name)) return 'suspended'
  if (error.name === 'CredentialsProviderError') return 'configuration'
  if (error.name === 'BadRequestException') {
    return ABOUT_AN_ADDRESS.test(error.message) ? 'address' : 'configuration'
  }

  const status = error.$metadata?.httpStatusCode
  if (status !== undefined && status >= 400 && status < 500) return 'configuration'
  const connected = !NEVER_CONNECTED.has(error.code ?? '') && !NO_CONNECTION.test(error.message)
  return connected ? 'unknown' : 'transient'
}
