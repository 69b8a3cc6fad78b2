type Crypto = typeof import('node:crypto')

/**
 * Node's crypto with a derivation that costs nothing but still takes a turn of the event loop, for
 * tests of many PINs. Use it as
 * `vi.mock('node:crypto', async (original) => withCheapArgon2(await original()))`.
 */
export function withCheapArgon2(crypto: Crypto): Crypto {
  const argon2: Crypto['argon2'] = (_algorithm, { message, nonce }, callback) => {
    const hash = crypto.createHash('sha256')
    const key = hash
      .update(message as Uint8Array)
      .update('|')
      .update(nonce as Uint8Array)
      .digest()
    setImmediate(callback, null, key)
  }
  return { ...crypto, argon2 }
}
