/** The events of Amazon SES as EventBridge brings them. */
import type { DeliveryEvent } from '../core/delivery-event.ts'
import type { FateState } from '../core/mail-fate.ts'
import { oneLine } from '../mail/one-line.ts'
import { readSeal, readTags } from './ses-tags.ts'

type Json = Readonly<Record<string, any>>

/** What is read of one event type: where its details are, and what they mean. */
type EventType = {
  member: string
  state: FateState
  words: (detail: Json) => unknown[]
}

const recipientWords = (recipients: unknown) =>
  listOf(recipients).map(({ diagnosticCode, status }) => diagnosticCode ?? status)

const TYPES: Readonly<Record<string, EventType>> = {
  Send: { member: 'send', state: 'sent', words: () => [] },
  Delivery: {
    member: 'delivery',
    state: 'delivered',
    words: ({ smtpResponse }) => [smtpResponse],
  },
  DeliveryDelay: {
    member: 'deliveryDelay',
    state: 'delayed',
    words: ({ delayType, delayedRecipients }) => [delayType, ...recipientWords(delayedRecipients)],
  },
  Bounce: {
    member: 'bounce',
    state: 'bounced',
    words: ({ bounceType, bounceSubType, bouncedRecipients }) => [
      bounceType,
      bounceSubType,
      ...recipientWords(bouncedRecipients),
    ],
  },
  Complaint: {
    member: 'complaint',
    state: 'complained',
    words: ({ complaintFeedbackType, complaintSubType }) => [
      complaintFeedbackType,
      complaintSubType,
    ],
  },
  Reject: { member: 'reject', state: 'failed', words: ({ reason }) => [reason] },
  'Rendering Failure': {
    member: 'failure',
    state: 'failed',
    words: ({ errorMessage }) => [errorMessage],
  },
}

const MAX_WORDS = 300
/** The shortest code there is. A server may quote the mail it talks of. */
const LONG_NUMBER = /\d{4,}/g
/** An address is told by the account, and needs no second place. */
const ADDRESS = /[^\s<>"',;:]+@[^\s<>"',;:]+/g

/**
 * Reads one event; undefined for what is none of a mail, such as an advice to the account. Throws
 * for nothing: whoever sends mail by this account decides what is in here.
 */
export function readSesEvent(event: unknown): DeliveryEvent | undefined {
  const { detail } = objectOf(event)
  const { eventType, mail } = objectOf(detail)
  if (typeof eventType !== 'string' || !Object.hasOwn(TYPES, eventType)) return undefined
  const { member, state, words } = TYPES[eventType]!
  const { messageId, timestamp, tags, destination } = objectOf(mail)
  const own = objectOf(objectOf(detail)[member])
  const at = Date.parse(String(own.timestamp ?? timestamp ?? objectOf(event).time))
  if (typeof messageId !== 'string' || Number.isNaN(at)) return undefined
  const seal = readSeal(objectOf(tags))
  const [to, ...others] = Array.isArray(destination) ? (destination as unknown[]) : []
  return {
    about: readTags(objectOf(tags)),
    ...(seal === undefined ? {} : { seal }),
    state,
    permanent: own.bounceType === 'Permanent',
    at,
    ...(typeof to === 'string' && others.length === 0 ? { to } : {}),
    messageId: oneLine(messageId, MAX_WORDS),
    words: wordsOf(words(own)),
  }
}

function wordsOf(words: unknown[]): string {
  const said = words.filter((one) => typeof one === 'string' && one !== '').join(' ')
  return oneLine(said.replace(ADDRESS, '***').replace(LONG_NUMBER, '***'), MAX_WORDS)
}

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}

const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectOf) : [])
