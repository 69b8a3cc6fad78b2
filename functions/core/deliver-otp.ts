import { type Account, type Token } from './account.ts'
import { addressOf } from './budget.ts'
import type { Challenge } from './challenge.ts'
import { hotp } from './otp.ts'
import type { DeliveryReference, Mail, Mailer, Ports, Sent } from './ports.ts'
import { answerMac, openSecret } from './seal.ts'
import type { Settings } from './settings.ts'

/** What `deliver` needs beyond the stores. */
export type DeliverPorts = Pick<
  Ports,
  'accounts' | 'challenges' | 'settings' | 'keyring' | 'now' | 'log'
> & {
  /** The mailer the settings choose for a token that may name one. */
  mailer: (settings: Settings, identifier?: string) => Promise<Mailer>
  /** Writes the mail that carries a code, or says why none can be written. */
  compose: (message: Message, settings: Settings) => Mail | Unwritable
}

/** Policies want a mail that cannot be written. Says what is wrong with them. */
export type Unwritable = { unwritable: string }

/** What a mail with a code is made of. */
export type Message = {
  otp: string
  to: string
  account: Account
  token: Token
  challenge: Challenge
  now: number
}

/**
 * - `done`: sent, or nothing to send any more
 * - `retry`: try the same reference again while its challenge lives
 */
export type Delivery = 'done' | 'retry'

/**
 * Mails the code of one challenge. The only place that derives an OTP: it leaves a MAC of it in the
 * challenge for validation, and the OTP itself in the mail only.
 */
export async function deliverOtp(
  ports: DeliverPorts,
  { transactionId, serial }: DeliveryReference,
): Promise<Delivery> {
  const { challenges, keyring, now } = ports
  const ids = { transaction_id: transactionId, serial }
  const challenge = await challenges.get(transactionId, serial)
  if (!challenge || challenge.expiresAt <= now()) return dropped(ports, ids, 'expired')
  const account = await ports.accounts.get(challenge.account)
  const token = account?.tokens[serial]
  const to = account && token && addressOf(account, token)
  if (!account || !token || !to) return dropped(ports, ids, 'token or address gone')
  if (!isOpen(account, challenge)) return dropped(ports, ids, 'superseded')

  const secret = openSecret(await keyring.key('secret'), token.secret, serial)
  const otp = hotp({ ...token, secret, counter: challenge.counter })
  const mac = answerMac(await keyring.key('answer'), challenge, otp)
  // before the claim: a fault in here must not leave a claim that holds up the next try
  const settings = await ports.settings.current()
  const mailer = await ports.mailer(settings, token.identifier)
  const mail = ports.compose({ otp, to, account, token, challenge, now: now() }, settings)

  const claim = await challenges.claim(transactionId, serial, mac, now())
  if (claim === 'done') return dropped(ports, ids, 'closed or sent before')
  // whoever sends it may fail, and this reference may be the last one
  if (claim === 'sending') return 'retry'
  return record(ports, ids, await send(mailer, mail))
}

async function send(mailer: Mailer, mail: Mail | Unwritable): Promise<Sent> {
  if (!('unwritable' in mail)) return mailer.send(mail)
  return { sent: false, failure: 'configuration', reply: mail.unwritable }
}

/** Whether the account would still take an answer to it: no newer one replaced it. */
function isOpen(account: Account, { transactionId, serial }: Challenge): boolean {
  return account.open.some(
    (one) => one.transactionId === transactionId && one.serial === serial && !one.superseded,
  )
}

function dropped({ log }: DeliverPorts, ids: object, reason: string): Delivery {
  log('info', 'not delivered', { ...ids, reason })
  return 'done'
}

async function record(
  { challenges, now, log }: DeliverPorts,
  ids: { transaction_id: string; serial: string },
  sent: Sent,
): Promise<Delivery> {
  await challenges.mark(ids.transaction_id, ids.serial, {
    state: sent.sent ? 'sent' : 'failed',
    at: now(),
    reply: sent.reply,
  })
  if (sent.sent) {
    log('info', 'delivered', { ...ids, reply: sent.reply })
    return 'done'
  }
  log('error', 'not delivered', { ...ids, failure: sent.failure, reply: sent.reply })
  return sent.failure === 'transient' || sent.failure === 'unknown' ? 'retry' : 'done'
}
