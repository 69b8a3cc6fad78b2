/** The languages mail is written in. */
export const LOCALES = ['en', 'de', 'zh-CN'] as const
export type Locale = (typeof LOCALES)[number]

/**
 * The first language that mail is written in of preferences such as `de-AT` or `fr, zh-Hans;q=0.8`,
 * the weightiest first; English when there is none.
 */
export function chooseLocale(...preferences: (string | undefined)[]): Locale {
  const languages = preferences.flatMap((one) => (one ?? '').split(',').map(primaryLanguage))
  for (const language of languages) {
    const locale = LOCALES.find((candidate) => primaryLanguage(candidate) === language)
    if (locale) return locale
  }
  return 'en'
}

function primaryLanguage(tag: string): string | undefined {
  return /^[a-z]+/.exec(tag.trim().toLowerCase())?.[0]
}

const MINUTE = 60
const HOUR = 60 * MINUTE

/** Kept, because the first use of a format costs more than everything else in a mail. */
const words = new Map<string, string>()

/**
 * A validity in words: `2 minutes`, `90 seconds`, `3 hours`. Rounded down, so that it never
 * promises too much.
 */
export function durationInWords(seconds: number, locale: Locale): string {
  const id = `${locale} ${seconds}`
  const known = words.get(id) ?? inWords(seconds, locale)
  words.set(id, known)
  return known
}

function inWords(seconds: number, locale: Locale): string {
  const [value, unit] = inLargestUnit(seconds)
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value)
}

type Unit = 'second' | 'minute' | 'hour'

function inLargestUnit(seconds: number): [number, Unit] {
  if (seconds >= 2 * HOUR && seconds % HOUR === 0) return [seconds / HOUR, 'hour']
  if (seconds >= 2 * MINUTE || seconds === MINUTE) return [Math.floor(seconds / MINUTE), 'minute']
  return [Math.floor(seconds), 'second']
}
