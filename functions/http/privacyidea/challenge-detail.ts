import type { Challenge } from '../../core/challenge.ts'

/** `detail` of an answer that says: a code is on its way. */
export function challengeDetail(issued: Challenge[], prompt: string): object {
  const entries = issued.map((challenge, index) => entry(challenge, index, prompt))
  const newest = entries.at(-1)!
  return {
    attributes: newest.attributes,
    client_mode: newest.client_mode,
    message: [...new Set(entries.map(({ message }) => message))].join(', '),
    messages: entries.map(({ message }) => message),
    multi_challenge: entries,
    preferred_client_mode: 'interactive',
    serial: newest.serial,
    transaction_id: newest.transaction_id,
    transaction_ids: entries.map(({ transaction_id }) => transaction_id),
    type: newest.type,
  }
}

/** `state` is null in the first challenge of a transaction, as recorded of the reference. */
function entry({ transactionId, serial, expiresAt }: Challenge, index: number, message: string) {
  return {
    attributes: { state: index === 0 ? null : transactionId, valid_until: naiveTime(expiresAt) },
    client_mode: 'interactive',
    message,
    serial,
    transaction_id: transactionId,
    type: 'email',
  }
}

/** UTC without a zone and with microseconds: `2026-11-21 01:18:53.805000`. */
export const naiveTime = (ms: number) =>
  `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}000`
