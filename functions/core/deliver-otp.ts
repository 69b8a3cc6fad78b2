import { type Account, type Token } from './account.ts'
import { addressOf } from './budget.ts'
import type { Challenge } from './challenge.ts'
import { hotp } from './otp.ts'
import type { DeliveryMark, DeliveryReference, Ports, Sent } from './ports.ts'
import { answerMac, openSecret } from './seal.ts'
import { sendByProviders, type Sending, type SendPorts } from './send-by-providers.ts'
import type { Settings } from './settings.ts'
import { waysToSend } from './ways-to-send.ts'

/** What `deliver` needs beyond the stores. */
export type DeliverPorts = SendPorts &
  Pick<Ports, 'accounts' | 'challenges' | 'settings' | 'keyring'>

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
  const to = account && token && addressOf(account, token, challenge.dynamicAddress)
  if (!account || !token || !to) return dropped(ports, ids, 'token or address gone')
  if (!isOpen(account, challenge)) return dropped(ports, ids, 'superseded')

  const secret = openSecret(await keyring.key('secret'), token.secret, serial)
  const otp = hotp({ ...token, secret, counter: challenge.counter })
  const mac = answerMac(await keyring.key('answer'), challenge, otp)
  // before the claim: a fault in here must not leave a claim that holds up the next try
  const settings = await ports.settings.current()

  const claim = await challenges.claim(transactionId, serial, mac, now())
  if (claim === 'done') return dropped(ports, ids, 'closed or sent before')
  // whoever sends it may fail, and this reference may be the last one
  if (claim === 'sending') return 'retry'
  const message = { otp, to, account, token, challenge, now: now() }
  return record(ports, ids, await sendMessage(ports, message, settings))
}

async function sendMessage(
  ports: DeliverPorts,
  message: Message,
  settings: Settings,
): Promise<Sending> {
  const ways = waysToSend(settings, message)
  if (!('refused' in ways)) return sendByProviders(ports, ways, message, settings)
  const sent: Sent = { sent: false, failure: 'configuration', reply: ways.refused }
  return { sent, failed: [], again: false }
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
  { sent, provider, failed, again }: Sending,
): Promise<Delivery> {
  const { reply } = sent
  const state = stateOf(sent, again)
  const mark = { state, at: now(), reply, ...(provider === undefined ? {} : { provider }) }
  await challenges.mark(ids.transaction_id, ids.serial, mark)
  if (sent.sent) {
    const attempts = failed.length === 0 ? {} : { attempts: failed }
    log('info', 'delivered', { ...ids, provider, reply, ...attempts })
    return 'done'
  }
  log('error', 'not delivered', {
    ...ids,
    ...{ provider, failure: sent.failure, reply, attempts: failed },
  })
  return again ? 'retry' : 'done'
}

/** Who waits for it is told of a failure only where there is one: it may have been sent. */
function stateOf(sent: Sent, again: boolean): DeliveryMark['state'] {
  if (sent.sent) return 'sent'
  return sent.failure === 'unknown' && again ? 'queued' : 'failed'
}
