import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type CryptoPlugin, generateSync } from 'otplib'

/** otplib on Node's own crypto instead of its portable default. */
const nodeCrypto: CryptoPlugin = {
  name: 'node',
  hmac: (algorithm, key, data) => createHmac(algorithm, key).update(data).digest(),
  randomBytes: (length) => randomBytes(length),
  constantTimeEqual: (a, b) => {
    const [left, right] = [Buffer.from(a), Buffer.from(b)]
    return left.length === right.length && timingSafeEqual(left, right)
  },
}

export type HotpInput = {
  secret: Uint8Array
  counter: number
  /** 6 to 10: RFC 4226 truncates to 31 bits, so an eleventh digit would say nothing (§5.3). */
  digits: number
  algorithm: 'sha1' | 'sha256' | 'sha512'
}

/** The HOTP value of RFC 4226 §5.3, leading zeros kept. Throws on a secret shorter than 128 bits. */
export function hotp({ secret, counter, digits, algorithm }: HotpInput): string {
  return generateSync({
    strategy: 'hotp',
    secret,
    counter,
    digits,
    algorithm,
    crypto: nodeCrypto,
  })
}
