import { durationInWords, type Locale } from './locale.ts'
import { oneLine } from './one-line.ts'

/** What a mail may speak of. Missing values are empty in the mail. */
export type MailValues = {
  otp: string
  /** Seconds the code is valid for. */
  validSeconds: number
  /** When the code was asked for; `{time}` and `{date}` are UTC. */
  at: Date
  serial?: string
  /** Login name. */
  username?: string
  userrealm?: string
  givenname?: string
  surname?: string
  /** @default 'email' */
  tokentype?: string
  clientIp?: string
  /** Name of the service the person signs in to. */
  app?: string
}

/** The tags of both reference servers and ours, by the value each stands for. */
export type Tags = ReadonlyMap<string, string>

/** Keeps the code within sight even when the service has a very long name. */
const MAX_APP = 80
const MAX_VALUE = 254

/** Every tag a template may use, with its value as one line. */
export function tagsOf(values: MailValues, locale: Locale): Tags {
  const [date, time] = values.at.toISOString().split(/[T.]/) as [string, string]
  const tags: Record<string, string | undefined> = {
    otp: values.otp,
    serial: values.serial,
    // privacyIDEA's {user} is the given name
    user: values.givenname,
    givenname: values.givenname,
    surname: values.surname,
    username: values.username,
    userrealm: values.userrealm,
    tokentype: values.tokentype ?? 'email',
    recipient_givenname: values.givenname,
    recipient_surname: values.surname,
    time,
    date,
    client_ip: values.clientIp,
    validtime: durationInWords(values.validSeconds, locale),
    app: oneLine(values.app ?? '', MAX_APP),
  }
  const lines = Object.entries(tags).map(
    ([tag, value]) => [tag, oneLine(value ?? '', MAX_VALUE)] as const,
  )
  return new Map(lines)
}

export type FilledIn = { text: string; unknown: string[] }

/** `${tag}`, `{tag}` and `<tag>`. */
const TAG = /\$\{(\w+)\}|\{(\w+)\}|<(\w+)>/g

/**
 * Puts each tag's value in its place, once: what a value contains is never read again. Unknown tags
 * stay as they are and are named in the result.
 */
export function fillIn(template: string, tags: Tags, escape = asItIs): FilledIn {
  const unknown = new Set<string>()
  const text = template.replace(TAG, (written, ...names) => {
    const name = tagName(names)
    const value = tags.get(name)
    if (value !== undefined) return escape(value)
    unknown.add(name)
    return written
  })
  return { text, unknown: [...unknown] }
}

/** Whether a template names this tag in any of the three forms. */
export function hasTag(template: string, tag: string): boolean {
  return [...template.matchAll(TAG)].some(([, ...names]) => tagName(names) === tag)
}

/** The name is in the group of the form that matched. */
function tagName(groups: unknown[]): string {
  return String(groups[0] ?? groups[1] ?? groups[2])
}

function asItIs(value: string): string {
  return value
}
