import { durationInWords, type Locale } from './locale.ts'
import { oneLine } from './one-line.ts'

/** What a mail may speak of. Missing values are empty in the mail. */
export type MailValues = PersonValues & {
  otp: string
  /** Seconds the code is valid for. */
  validSeconds: number
  /** Name of the service the person signs in to. */
  app?: string
}

/** What may be said of a person and their token before they have proven anything. */
export type PersonValues = {
  /** When the code was asked for; `{time}` and `{date}` are UTC. */
  at: Date
  serial?: string | undefined
  /** Login name. */
  username?: string | undefined
  userrealm?: string | undefined
  givenname?: string | undefined
  surname?: string | undefined
  /** @default 'email' */
  tokentype?: string | undefined
  /** What the token is called. */
  description?: string | undefined
  clientIp?: string | undefined
  /** What the client said the login is about. */
  challenge?: string | undefined
}

/** The tags of both reference servers and ours, by the value each stands for. */
export type Tags = ReadonlyMap<string, string>

/** Keeps the code within sight even when the service has a very long name. */
const MAX_APP = 80
const MAX_VALUE = 254

/** Every tag a template of a mail may use, with its value as one line. */
export const tagsOf = (values: MailValues, locale: Locale): Tags =>
  new Map([
    ...personTags(values),
    ['otp', oneLine(values.otp, MAX_VALUE)],
    ['validtime', durationInWords(values.validSeconds, locale)],
    ['app', oneLine(values.app ?? '', MAX_APP)],
  ])

/** Every tag that may be used before the code is known, with its value as one line. */
export function personTags(values: PersonValues): Tags {
  const [date, time] = values.at.toISOString().split(/[T.]/) as [string, string]
  const tags: Record<string, string | undefined> = {
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
  }
  const lines = Object.entries(tags).map(
    ([tag, value]) => [tag, oneLine(value ?? '', MAX_VALUE)] as const,
  )
  return new Map(lines)
}

/**
 * The further tags of privacyIDEA, for texts of its policies. Otpost has nothing to say for most of
 * them, and no link in a mail comes from a request; `None` is what the reference prints.
 */
export const policyTags = ({ challenge, description }: PersonValues): Tags =>
  new Map([
    ['challenge', oneLine(challenge ?? '', MAX_VALUE)],
    ['tokendescription', oneLine(description || 'None', MAX_VALUE)],
    ['pin', 'None'],
    ['url', ''],
    ['realm', ''],
    ['admin', ''],
    ['ua_string', ''],
    ['ua_browser', ''],
  ])

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
