/** Knows the secrets of a test and finds them in text, whatever they were encoded to. */

export class Secrets {
  #known: { name: string; pattern: RegExp }[] = []

  /** Adds a secret and gives it back. Letters' case does not matter where it is looked for. */
  add(name: string, secret: string): string {
    this.#know(name, Buffer.from(secret), [secret, encodeURIComponent(secret)])
    return secret
  }

  /** Adds the bytes of a secret, in clear only where they are text. */
  addBytes(name: string, bytes: Buffer): Buffer {
    this.#know(name, bytes, [])
    return bytes
  }

  get size(): number {
    return this.#known.length
  }

  /** Names of the secrets a text holds. */
  findIn(text: string): string[] {
    return this.#known.flatMap(({ name, pattern }) => (pattern.test(text) ? [name] : []))
  }

  #know(name: string, bytes: Buffer, texts: string[]): void {
    const forms = [...texts, ...encodings(bytes)].map((form) => RegExp.escape(form))
    this.#known.push({ name, pattern: new RegExp(forms.join('|'), 'i') })
  }
}

/** The encodings bytes may have, also where they are a part of something longer. */
function encodings(bytes: Buffer): string[] {
  return [bytes.toString('hex'), base32(bytes), ...[0, 1, 2].map((at) => base64At(bytes, at))]
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
    .filter((form, index, all) => all.indexOf(form) === index)
}

/** What of the base64 of a text is sure when these bytes begin at that offset within a triple. */
function base64At(bytes: Buffer, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes])
  const begin = [0, 2, 3][offset]!
  return whole
    .toString('base64')
    .replace(/=+$/, '')
    .slice(begin, Math.floor((whole.length * 4) / 3))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 §6, without padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const groups = bits.match(/.{1,5}/g) ?? []
  return groups.map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}
