/** A provider reports what became of a mail: noted at the challenge, the address, and in the log. */
import { type Account } from './account.ts'
import { changeAccount } from './change-account.ts'
import { sameText } from './hmac.ts'
import { type FateState, rankOf } from './mail-fate.ts'
import type { MailReference, Ports } from './ports.ts'
import { reportSeal } from './report-seal.ts'
import { withUndeliverable } from './undeliverable.ts'

export type DeliveryEvent = {
  /** What the mail was about, as far as it says. */
  about: Partial<MailReference>
  /** Proof that it is ours; see {@link reportSeal}. */
  seal?: string
  state: FateState
  /** Of a bounce: the mailbox will take no mail later either. */
  permanent: boolean
  /** Unix time in milliseconds. */
  at: number
  /** The only recipient; undefined: there were several, so it was none of ours. */
  to?: string
  /** The provider's id of the mail. */
  messageId: string
  /** The words of the mail server, or of the provider. */
  words: string
}

export type DeliveryEventPorts = Pick<
  Ports,
  'accounts' | 'challenges' | 'keyring' | 'now' | 'random' | 'sleep' | 'log'
>

/**
 * Takes one report; false, and nothing is done: it is about a mail of somebody else. Duplicates and
 * disorder change nothing: of several reports the one that says most stands, and a challenge that is
 * gone stays gone. A bounce for good or a complaint puts the address aside for its account. Logs one
 * line, whatever is known. Throws when a store fails: the same report may be given again.
 */
export async function takeDeliveryEvent(
  ports: DeliveryEventPorts,
  event: DeliveryEvent,
): Promise<boolean> {
  const { transactionId, serial, kind } = event.about
  const { state, permanent, at, words, messageId } = event
  if (!(await isOurs(ports, event))) {
    ports.log('warn', 'report of a mail of others', { message_id: messageId })
    return false
  }
  const fate = { state, rank: rankOf(state, permanent), at }
  const account =
    transactionId && serial ? await ports.challenges.note(transactionId, serial, fate) : undefined
  const putAside = await putAsideIfLost(ports, event)
  const [, realm, ...login] = account?.split('/') ?? []
  ports.log('info', 'delivery event', {
    record: 'delivery',
    ...(transactionId ? { transaction_id: transactionId } : {}),
    ...(serial ? { serial } : {}),
    ...(kind ? { kind } : {}),
    ...(realm ? { user: login.join('/'), realm } : {}),
    state,
    provider: 'ses',
    reported_at: new Date(at).toISOString(),
    message_id: messageId,
    ...(state === 'bounced' ? { failure: permanent ? 'permanent' : 'transient' } : {}),
    ...(putAside ? { address: 'undeliverable' } : {}),
    reply: words,
  })
  return true
}

/** Whoever may send mail by our configuration set may write any tags on it, but not the seal. */
async function isOurs(
  { keyring }: Pick<Ports, 'keyring'>,
  { about: { kind, ...ids }, seal, to }: DeliveryEvent,
): Promise<boolean> {
  if (kind === undefined || seal === undefined || to === undefined) return false
  return sameText(seal, reportSeal(await keyring.key('report'), { kind, ...ids }, to))
}

/** Whether the address was put aside by this report. */
async function putAsideIfLost(ports: DeliveryEventPorts, event: DeliveryEvent): Promise<boolean> {
  const why = reasonOf(event)
  const { at, words, to, about } = event
  if (!why || to === undefined || about.serial === undefined) return false
  const holder = await holderOf(ports, about.serial)
  if (!holder) return false
  const changed = await changeAccount(ports, holder, (current) => {
    const after = withUndeliverable(current, to, { at, why, words })
    return after ? { after, result: true } : { result: false }
  })
  return changed ?? false
}

function reasonOf({ state, permanent }: DeliveryEvent): 'bounce' | 'complaint' | undefined {
  if (state === 'complained') return 'complaint'
  return state === 'bounced' && permanent ? 'bounce' : undefined
}

/** By the serial: the challenge may be long gone when a mail comes back. */
async function holderOf(
  { accounts }: Pick<Ports, 'accounts'>,
  serial: string,
): Promise<Account | undefined> {
  const key = await accounts.findSerial(serial)
  return key === undefined ? undefined : accounts.get(key)
}
