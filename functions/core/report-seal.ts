import { addressKey } from './address/address-key.ts'
import { hmacSha256 } from './hmac.ts'
import type { MailReference } from './ports.ts'

/** 132 bits: nobody makes one up. */
const LENGTH = 22

/**
 * What a mail takes along and its reports bring back, so that they can be told from reports of mails
 * that somebody else sent: to whom it goes and what it is about, under a key.
 *
 * @param key the key `report`
 */
export const reportSeal = (
  key: Uint8Array,
  { kind, transactionId = '', serial = '' }: MailReference,
  to: string,
): string =>
  hmacSha256(key, JSON.stringify(['report', kind, transactionId, serial, addressKey(to)]))
    .toString('base64url')
    .slice(0, LENGTH)
