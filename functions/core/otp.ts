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
  /** 4 to 12. */
  digits: number
  algorithm: 'sha1' | 'sha256' | 'sha512'
}

/** What 31 bits can fill. */
const MOST_BY_RFC = 10
const LEAST_SECRET = 16

/**
 * The HOTP value of RFC 4226 §5.3, leading zeros kept. The RFC truncates to 31 bits, so that an
 * eleventh digit would always be 0: longer codes take the first 64 bits of the same MAC. Throws on a
 * secret shorter than 128 bits.
 */
export function hotp({ secret, counter, digits, algorithm }: HotpInput): string {
  if (digits > MOST_BY_RFC) return longHotp({ secret, counter, digits, algorithm })
  return generateSync({
    strategy: 'hotp',
    secret,
    counter,
    digits,
    algorithm,
    crypto: nodeCrypto,
  })
}

function longHotp({ secret, counter, digits, algorithm }: HotpInput): string {
  if (secret.length < LEAST_SECRET) throw new Error('The secret is shorter than 128 bits.')
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac(algorithm, secret).update(message).digest()
  return String(mac.readBigUInt64BE(0) % 10n ** BigInt(digits)).padStart(digits, '0')
}
