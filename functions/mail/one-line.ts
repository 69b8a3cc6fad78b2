/** Control characters, line separators and the marks that turn the direction of writing around. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu

/** Most texts are, and each of a mail's tags is looked at. */
const PLAIN = /^[ -~]*$/

/** The text as one printable line of at most `max` characters. */
export function oneLine(text: string, max: number): string {
  if (PLAIN.test(text)) return text.trim().slice(0, max)
  const line = text.replace(UNPRINTABLE, ' ').trim()
  return Array.from(line.toWellFormed()).slice(0, max).join('')
}
