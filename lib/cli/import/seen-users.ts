import { createHash } from 'node:crypto'

const FIRST_CAPACITY = 1 << 12
const FULLEST = 0.5

/**
 * Remembers in which line each user was, in 24 to 48 bytes a user whatever their names are: 64 bits
 * of a SHA-256 and the line. (Of a million users, two are taken for one with a chance of 3·10⁻⁸.)
 */
export class SeenUsers {
  #hashes = new BigUint64Array(FIRST_CAPACITY)
  #lines = new Float64Array(FIRST_CAPACITY)
  #count = 0

  /** The line the user was in before; undefined: none, and from now on this one. */
  meet(user: string, realm: string, line: number): number | undefined {
    if (this.#count >= this.#hashes.length * FULLEST) this.#grow()
    const hash = hashOf(user, realm)
    const slot = slotOf(this.#hashes, hash)
    if (this.#hashes[slot] === hash) return this.#lines[slot]
    this.#hashes[slot] = hash
    this.#lines[slot] = line
    this.#count++
    return undefined
  }

  #grow(): void {
    const [hashes, lines] = [this.#hashes, this.#lines]
    this.#hashes = new BigUint64Array(hashes.length * 2)
    this.#lines = new Float64Array(hashes.length * 2)
    hashes.forEach((hash, old) => {
      if (hash === 0n) return
      const slot = slotOf(this.#hashes, hash)
      this.#hashes[slot] = hash
      this.#lines[slot] = lines[old]!
    })
  }
}

/** Never 0, which marks an empty slot. */
function hashOf(user: string, realm: string): bigint {
  const digest = createHash('sha256').update(`${realm.toLowerCase()}\0${user}`).digest()
  return digest.readBigUInt64LE() || 1n
}

/** The slot that holds the hash, or the empty one it belongs in. */
function slotOf(hashes: BigUint64Array, hash: bigint): number {
  const mask = hashes.length - 1
  let slot = Number(hash & BigInt(mask))
  while (hashes[slot] !== 0n && hashes[slot] !== hash) slot = (slot + 1) & mask
  return slot
}
