import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

/** Keys as Node takes them fastest: a key given as bytes makes each MAC five times as dear. */
const known = new WeakMap<Uint8Array, KeyObject>()

/** A key for Node's own functions. Its bytes must not change after the first call. */
export function keyObject(key: Uint8Array): KeyObject {
  const object = known.get(key) ?? createSecretKey(key)
  known.set(key, object)
  return object
}

/** HMAC-SHA-256 (RFC 2104). The key's bytes must not change after the first call. */
export const hmacSha256 = (key: Uint8Array, data: string | Uint8Array): Buffer =>
  createHmac('sha256', keyObject(key)).update(data).digest()

/**
 * Whether two texts are the same, in a time that does not tell where they differ. The texts, not what
 * they decode to: a MAC is written in one way only.
 */
export function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)]
  return one.length === other.length && timingSafeEqual(one, other)
}
