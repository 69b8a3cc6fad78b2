import type { Kind } from '../core/setting-kinds.ts'

/** privacyIDEA's rule. */
export const DEFAULT_MASK = 'ex********@t****.com'

/** Before the `@`: letters, asterisks, letters; after it the same kind of sample, or a whole name. */
const MASK =
  /^([a-z]{0,4})(\*{3,20})([a-z]{0,4})@(?:([a-z]{0,4})(\*{1,20})(?:\.([a-z]+|\*{1,20}))?|[a-z]+(?:\.[a-z]+)+)$/i

/**
 * How addresses are masked, by a sample: a letter stands for one that is shown, an asterisk for
 * itself, a top-level domain or a domain in letters for the whole of it.
 */
export const addressMask: Kind<string> = {
  accepted: `a masked sample such as ${DEFAULT_MASK}, e***e@t***.com, ****@****.** or e***@test.com`,
  read: (text) =>
    MASK.test(text)
      ? { value: text }
      : { refused: 'is not a sample of an address with 3 to 20 asterisks before the @' },
}

/**
 * The address as a person may see it before login, by a mask that {@link addressMask} has read:
 * `al********@f****.example` for `alice@firma.example`. Whatever the mask, at least half of the name
 * before the `@` stays hidden, and how long it is. An address without `@` is masked whole.
 */
export function maskAddress(address: string, mask = DEFAULT_MASK): string {
  const [, first = '', , last = '', ...domainMask] = MASK.exec(mask)!
  const at = address.lastIndexOf('@')
  const name = lettersOf(address.slice(0, Math.max(at, 0)))

  const shown = Math.floor(name.length / 2)
  const front = Math.min(first.length, shown)
  const back = Math.min(last.length, shown - front)
  const hidden = '*'.repeat(mask.indexOf('@') - front - back)
  const local = [...name.slice(0, front), hidden, ...name.slice(name.length - back)].join('')
  return `${local}@${maskDomain(at < 0 ? '' : address.slice(at + 1), domainMask)}`
}

function maskDomain(
  domain: string,
  [first = '', stars, top]: readonly (string | undefined)[],
): string {
  if (stars === undefined) return domain
  const masked = lettersOf(domain).slice(0, first.length).join('') + stars
  if (top === undefined) return masked
  const dot = domain.lastIndexOf('.')
  return `${masked}.${top.startsWith('*') ? top : dot < 0 ? '' : domain.slice(dot + 1)}`
}

/** Letters with the marks that belong to them: half a letter would be another one. */
const lettersOf = (text: string) => text.match(/\P{M}\p{M}*|\p{M}+/gu) ?? []
