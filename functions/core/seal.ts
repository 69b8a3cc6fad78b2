/** Keeps HOTP secrets unreadable at rest, and codes comparable without being stored. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { hmacSha256, keyObject } from './hmac.ts'
import type { Random } from './ports.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM; `context` is bound to the ciphertext, so a sealed secret copied to another token
 * does not open there. Base64 of nonce, ciphertext and tag.
 */
export function seal(key: Uint8Array, plain: Uint8Array, context: string, random: Random): string {
  const nonce = random(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), nonce).setAAD(Buffer.from(context))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  )
}

/** Opens what {@link seal} made. Throws when key, context or text are not the ones it was made with. */
export function open(key: Uint8Array, sealed: string, context: string): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64')
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv('aes-256-gcm', keyObject(key), nonce, options)
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}

const DERIVED = 'derived:'
const SALT_BYTES = 16
const SECRET_BYTES = 20

/**
 * Stands for an HOTP secret of 160 bits that follows from a key: who makes it need not be able to
 * open it.
 */
export const derivedSecret = (random: Random): string =>
  DERIVED + Buffer.from(random(SALT_BYTES)).toString('base64')

/** The HOTP secret of a token, sealed or derived. */
export function openSecret(key: Uint8Array, stored: string, serial: string): Uint8Array {
  if (!stored.startsWith(DERIVED)) return open(key, stored, serial)
  const salt = Buffer.from(stored.slice(DERIVED.length), 'base64')
  return new Uint8Array(hkdfSync('sha256', key, salt, `hotp secret of ${serial}`, SECRET_BYTES))
}

/** MAC of a code for one challenge of one token; of no use anywhere else. */
export function answerMac(
  key: Uint8Array,
  challenge: { transactionId: string; serial: string },
  otp: string,
): string {
  const text = JSON.stringify([challenge.transactionId, challenge.serial, otp])
  return hmacSha256(key, text).toString('base64')
}

/** What an account knows of a challenge that waits for its answer. */
export type Noted = {
  transactionId: string
  serial: string
  /** Key of the account. */
  account: string
  counter: number
  expiresAt: number
  digits?: number | undefined
  purpose?: string | undefined
  mailbox?: string | undefined
}

/**
 * Binds the MAC of the right answer to what the account knows of the challenge. It is never made of
 * a guess that is stored, so a row that somebody put together by hand from others, or from the MAC
 * of a guess of their own, does not have it.
 */
export function challengeSeal(key: Uint8Array, noted: Noted, otpMac: string): string {
  const { transactionId, serial, account, counter, expiresAt } = noted
  const { digits = 0, purpose = '', mailbox = '' } = noted
  const bound = [transactionId, serial, account, counter, expiresAt, digits, purpose, mailbox]
  return hmacSha256(key, JSON.stringify(['challenge', ...bound, otpMac])).toString('base64')
}
