import { type Account, type FormerAddress, type OpenChallenge, type Token } from './account.ts'
import type { Challenge } from './challenge.ts'
import { codeOf, deliverySubject } from './delivery-subject.ts'
import { mailDigest } from './mail-digest.ts'
import { mailboxDigest } from './mailbox-digest.ts'
import type { DeliveryMark, DeliveryReference, Ports, Sent } from './ports.ts'
import { withAddressNow } from './remote-user.ts'
import { answerMac, challengeSeal } from './seal.ts'
import { sendByProviders, type Sending, type SendPorts } from './send-by-providers.ts'
import type { Settings } from './settings.ts'
import { waysToSend } from './ways-to-send.ts'

/** What `deliver` needs beyond the stores. */
export type DeliverPorts = SendPorts &
  Pick<Ports, 'accounts' | 'challenges' | 'settings' | 'keyring' | 'remoteUsers'>

/** Policies want a mail that cannot be written. Says what is wrong with them. */
export type Unwritable = { unwritable: string }

/** What a mail is made of. */
export type Message = {
  /** Empty in a notice. */
  otp: string
  to: string
  account: Account
  token: Token
  challenge: Challenge
  now: number
  /** The mail tells this address that codes go elsewhere; `otp` is the code to dispute that. */
  former?: FormerAddress
  /** The mail tells a user what was done to their tokens. */
  notice?: NonNullable<Challenge['notice']>
}

/**
 * - `done`: sent, or nothing to send any more
 * - `retry`: try the same reference again while its challenge lives
 */
export type Delivery = 'done' | 'retry'

/**
 * Mails the code of one challenge, or a notice. The only place that derives an OTP: it leaves a MAC
 * of it in the challenge for validation, and the OTP itself in the mail only.
 */
export async function deliverOtp(
  ports: DeliverPorts,
  { transactionId, serial }: DeliveryReference,
): Promise<Delivery> {
  const { challenges, keyring, now } = ports
  const ids: Ids = { transaction_id: transactionId, serial }
  const challenge = await challenges.get(transactionId, serial)
  if (!challenge || challenge.expiresAt <= now()) return dropped(ports, ids, 'expired')
  const stored = await ports.accounts.get(challenge.account)
  const account = stored && (await withAddressNow(ports, stored, challenge))
  const subject = account && deliverySubject(account, challenge)
  // the user has none, or none that the settings allow
  if (account?.tokens[serial] && !subject) return unsent(ports, ids, 'user does not have an email')
  if (!account || !subject) return dropped(ports, ids, 'token or address gone')
  if (account.login !== undefined) Object.assign(ids, { user: account.login, realm: account.realm })
  const isNews = subject.former ?? subject.notice
  const noted = openEntry(account, challenge)
  if (!isNews && !noted) return dropped(ports, ids, 'superseded')
  if (noted && !agree(noted, challenge)) {
    ports.log('error', 'challenge altered', ids)
    return dropped(ports, ids, 'altered')
  }
  if (noted?.mailbox && noted.mailbox !== mailboxDigest(subject.to)) {
    return unsent(ports, ids, 'address changed')
  }

  const otp = codeOf(subject, challenge, await keyring.key('secret'))
  const key = await keyring.key('answer')
  const otpMac = otp === '' ? NO_ANSWER : answerMac(key, challenge, otp)
  const seal = challengeSeal(key, { ...(noted ?? challenge), account: account.key }, otpMac)
  // before the claim: a fault in here must not leave a claim that holds up the next try
  const settings = await ports.settings.current()

  const claim = await challenges.claim(transactionId, serial, { otpMac, seal }, now())
  if (claim === 'done') return dropped(ports, ids, 'closed or sent before')
  // whoever sends it may fail, and this reference may be the last one
  if (claim === 'sending') return 'retry'
  const message = { otp, account, ...subject, challenge, now: now() }
  return record(ports, ids, await sendMessage(ports, message, settings))
}

/** No text that can be typed has this MAC. */
const NO_ANSWER = 'none'

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

/** What a delivery is known by in the log. */
type Ids = { transaction_id: string; serial: string; user?: string; realm?: string }

/** Where the account would still take an answer to it: no newer one replaced it. */
const openEntry = ({ open }: Account, { transactionId, serial }: Challenge) =>
  open.find(
    (one) => one.transactionId === transactionId && one.serial === serial && !one.superseded,
  )

/**
 * Whether they were made together; nothing but a hand in the table changes either. What was noted
 * before there were digests has none.
 */
const agree = (noted: OpenChallenge, challenge: Challenge): boolean =>
  noted.counter === challenge.counter &&
  noted.expiresAt === challenge.expiresAt &&
  noted.digits === challenge.digits &&
  (noted.mail === undefined || noted.mail === mailDigest(challenge))

/** Whoever waits for the mail is told that there will be none. */
async function unsent(ports: DeliverPorts, ids: Ids, reason: string): Promise<Delivery> {
  const mark = { state: 'failed', at: ports.now(), reply: reason } as const
  await ports.challenges.mark(ids.transaction_id, ids.serial, mark)
  return dropped(ports, ids, reason)
}

function dropped({ log }: DeliverPorts, ids: Ids, reason: string): Delivery {
  log('info', 'not delivered', { record: 'delivery', state: 'dropped', ...ids, reason })
  return 'done'
}

async function record(
  { challenges, now, log }: DeliverPorts,
  ids: Ids,
  { sent, provider, failed, again }: Sending,
): Promise<Delivery> {
  const { reply } = sent
  const state = stateOf(sent, again)
  const mark = { state, at: now(), reply, ...(provider === undefined ? {} : { provider }) }
  await challenges.mark(ids.transaction_id, ids.serial, mark)
  const line = { record: 'delivery', ...ids }
  if (sent.sent) {
    const attempts = failed.length === 0 ? {} : { attempts: failed }
    log('info', 'delivered', { ...line, state: 'sent', provider, reply, ...attempts })
    return 'done'
  }
  log('error', 'not delivered', {
    ...{ ...line, state: again ? 'delayed' : 'failed' },
    ...{ provider, failure: sent.failure, reply, attempts: failed },
  })
  return again ? 'retry' : 'done'
}

/** Who waits for it is told of a failure only where there is one: it may have been sent. */
function stateOf(sent: Sent, again: boolean): DeliveryMark['state'] {
  if (sent.sent) return 'sent'
  return sent.failure === 'unknown' && again ? 'queued' : 'failed'
}
