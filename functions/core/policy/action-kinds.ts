/** How the value of an action becomes what a rule holds. */
import { choice, listOf, text } from '../setting-kinds.ts'
import { providerNames } from '../setting-kinds-net.ts'
import type { Kind } from '../setting-kinds.ts'
import { patternRefusal } from './serial-pattern.ts'

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  y: 31_536_000,
}

function seconds(amount: string | undefined, unit: string | undefined): number {
  return Number(amount) * SECONDS[unit!.toLowerCase()]!
}

/** A span of time; the value is in seconds. */
export const duration: Kind<number> = {
  accepted: 'a span such as 12h: a whole number and s, m, h, d or y',
  read(value) {
    const match = /^(\d{1,5}) ?([smhdy])$/i.exec(value)
    return match ? { value: seconds(match[1], match[2]) } : { refused: 'is no span of time' }
  },
}

/**
 * How thoroughly an address is looked at; see `admit-address.ts`. Modules of one's own cannot be
 * loaded; the reference's own stands for what is looked at anyway.
 */
export const addressValidation = choice(['standard', 'mx', 'syntax'], {
  'privacyidea.lib.utils.emailvalidation': 'standard',
})

/** At most `count` within `seconds`. */
export type Rate = { readonly count: number; readonly seconds: number }

export const rate: Kind<Rate> = {
  accepted: 'a count per span such as 2/5m; units are s, m, h and d',
  read(value) {
    const match = /^(\d{1,5}) ?\/ ?(\d{1,5}) ?([smhd])$/i.exec(value)
    if (!match || Number(match[2]) === 0) return { refused: 'is no count per span of time' }
    return { value: { count: Number(match[1]), seconds: seconds(match[2], match[3]) } }
  },
}

/** Words between blanks. */
const spaced = <T>(word: Kind<T>, accepted: string): Kind<readonly T[]> => {
  const list = listOf(word, accepted)
  return { accepted, read: (value) => list.read(value.split(/\s+/).join(',')) }
}

const tokenType: Kind<string> = {
  accepted: 'a token type',
  read: (value) =>
    /^[a-z0-9]{1,32}$/i.test(value)
      ? { value: value.toLowerCase() }
      : { refused: 'is not a token type' },
}

/** Token types, lower case. */
export const tokenTypes = spaced(tokenType, 'token types between blanks such as email hotp')

/** How a plug-in may ask for the second factor, the preferred first. */
export const clientModes = spaced(
  choice(['interactive', 'webauthn', 'poll', 'u2f']),
  'words between blanks of interactive, webauthn, poll and u2f',
)

const serialPattern: Kind<RegExp> = {
  accepted: 'a pattern',
  read(pattern) {
    const refused = patternRefusal(pattern)
    return refused === undefined ? { value: new RegExp(pattern) } : { refused }
  },
}

/** Patterns of which a serial must match one. */
export const serialPatterns: Kind<readonly RegExp[]> = {
  accepted:
    'regular expressions between blanks, each of at most 64 characters with at most one group, ' +
    'which is not repeated, and at most two of * + ? {n,m}',
  read(value) {
    const patterns: RegExp[] = []
    for (const pattern of value.split(/\s+/)) {
      const reading = serialPattern.read(pattern)
      if ('refused' in reading) return reading
      patterns.push(reading.value)
    }
    return { value: patterns }
  },
}

/** Who sends, in order; at least one. */
export const someProviders: Kind<readonly string[]> = {
  accepted: 'names of providers between blanks or commas, the first to be tried first',
  read(value) {
    const reading = providerNames.read(value)
    const empty = 'value' in reading && reading.value.length === 0
    return empty ? { refused: 'names no provider' } : reading
  },
}

/** LinOTP's `email::<provider>`. No name is the provider that sends without a policy, too. */
export const noticeProviders: Kind<readonly string[]> = {
  accepted:
    'email::<provider>, or email for who sends without a policy; several between blanks or ' +
    'commas, the first to be tried first',
  read(value) {
    const specs = value.split(/[\s,]+/).filter((spec) => spec !== '')
    const other = specs.find((spec) => !/^email(?:::|$)/i.test(spec))
    if (other !== undefined)
      return { refused: `has ${other.slice(0, 64)}, which is no provider of e-mail` }
    if (specs.length === 0) return { refused: 'names no provider' }
    return providerNames.read(specs.map((spec) => spec.replace(/^email(?:::)?/i, '')).join(','))
  },
}

/** Text with tags. The reference also takes a path; reading files is not for a policy to decide. */
export const template: Kind<string> = {
  accepted: `${text(4000).accepted}, not a file: path`,
  read: (value) =>
    value.startsWith('file:') ? { refused: 'is a file: path' } : text(4000).read(value),
}
