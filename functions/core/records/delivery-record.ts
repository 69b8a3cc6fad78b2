/** The delivery log: what became of each mail, step by step, in the words of whoever took it. */
import type { SendFailure } from '../ports.ts'

/**
 * - `queued`: asked for
 * - `sent`: a provider has taken it
 * - `delivered`, `bounced`, `complained`: what the provider was told about it afterwards
 * - `delayed`: not yet, and it will be tried again, by us or the provider
 * - `failed`: nobody takes it, and nobody tries again
 * - `dropped`: nothing was to be sent any more
 */
export const DELIVERY_STATES = [
  'queued',
  'sent',
  'delivered',
  'delayed',
  'bounced',
  'complained',
  'failed',
  'dropped',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** One step of a mail on its way. Holds no code and no address. */
export type DeliveryRecord = {
  /** Unix time in milliseconds. */
  at: number
  /** The log event it was made of; of two records with the same one, there is one. */
  eventId: string
  state: DeliveryState
  transactionId?: string
  serial?: string
  user?: string
  realm?: string
  /** Who was to send it. */
  provider?: string
  failure?: string
  /** The server's own words. */
  reply?: string
  /** Why nothing was sent. */
  reason?: string
  /** The provider's id of the mail. */
  messageId?: string
  /** Tries that failed before, in their order. */
  attempts?: { provider: string; failure: SendFailure; reply: string }[]
}

/** What is looked for. Times are Unix milliseconds. */
export type DeliveryFilter = {
  from?: number | undefined
  to?: number | undefined
  user?: { login: string; realm: string } | undefined
  transactionId?: string | undefined
  provider?: string | undefined
  state?: DeliveryState | undefined
}

/** Sorts records by time, and is where a listing goes on. */
export const deliveryKey = ({ at, eventId }: DeliveryRecord): string =>
  `${new Date(at).toISOString()}#${eventId}`
