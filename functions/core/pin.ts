import { AsyncLocalStorage } from 'node:async_hooks'
import { argon2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { PinHash } from './account.ts'
import { hmacSha256 } from './hmac.ts'
import type { Random } from './ports.ts'

/** OWASP Password Storage Cheat Sheet, minimum Argon2id set: 19 MiB, two passes, one lane. */
const COST = { memory: 19 * 1024, passes: 2, parallelism: 1, tagLength: 32 }
const SALT_BYTES = 16

const deriveKey = promisify(argon2)

const counters = new AsyncLocalStorage<{ derivations: number }>()

/** Counts the derivations of a piece of work, wherever in it they are made. */
export const countingDerivations = <T>(counter: { derivations: number }, work: () => T): T =>
  counters.run(counter, work)

/**
 * Compares what a person typed with stored hashes. Tokens of one account share a salt, so one
 * derivation serves all of them; a second question about the same text costs nothing.
 */
export function pinMatcher(
  pepper: Uint8Array,
): (typed: string, stored?: PinHash) => Promise<boolean> {
  const derived = new Map<string, Promise<Buffer>>()
  return async (typed, stored) => {
    if (!stored) return typed === ''
    const id = JSON.stringify([stored.salt, typed])
    const mac = derived.get(id) ?? derivePin(pepper, typed, stored.salt)
    derived.set(id, mac)
    return timingSafeEqual(await mac, Buffer.from(stored.mac, 'base64'))
  }
}

/** Hashes a PIN or password for storage; pass the account's salt if it has one. */
export async function hashPin(
  pepper: Uint8Array,
  pin: string,
  random: Random,
  salt = Buffer.from(random(SALT_BYTES)).toString('base64'),
): Promise<PinHash> {
  return { salt, mac: (await derivePin(pepper, pin, salt)).toString('base64') }
}

/** Spends what a comparison costs, for callers that must not tell an unknown user by the clock. */
export async function burnPin(pepper: Uint8Array, typed: string): Promise<void> {
  await derivePin(pepper, typed, Buffer.alloc(SALT_BYTES).toString('base64'))
}

async function derivePin(pepper: Uint8Array, pin: string, salt: string): Promise<Buffer> {
  const counter = counters.getStore()
  if (counter) counter.derivations++
  const key = await deriveKey('argon2id', {
    ...COST,
    message: Buffer.from(pin.normalize('NFC')),
    nonce: Buffer.from(salt, 'base64'),
  })
  return hmacSha256(pepper, key)
}
