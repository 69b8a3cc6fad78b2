import { durationInWords, type Locale } from './locale.ts'
import { oneLine } from './one-line.ts'

/** What a mail may speak of. Missing values are empty in the mail. */
export type MailValues = NoticeValues & {
  otp: string
  /** Seconds the code is valid for. */
  validSeconds: number
}

/** What a mail without a code may speak of. */
export type NoticeValues = PersonValues & {
  /** Name of the service the person signs in to. */
  app?: string | undefined
  /** The mailbox that codes go to. */
  email?: string | undefined
  phone?: string | undefined
  mobile?: string | undefined
  userid?: string | undefined
  /** What the client called itself. */
  endpoint?: string | undefined
  /** Which of the token's codes it is. */
  number?: number | undefined
  /** The text that policies or settings give, as one line. */
  message?: string | undefined
  /** What the mail itself is called, from whom and to whom. */
  envelope?: { subject: string; from: string; to: string } | undefined
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
const MAX_MESSAGE = 4000

/** Every tag a text of a mail may use, with its value as one line. */
export const tagsOf = (values: MailValues, locale: Locale): Tags =>
  new Map([
    ...noticeTags(values),
    ['otp', oneLine(values.otp, MAX_VALUE)],
    ['validtime', durationInWords(values.validSeconds, locale)],
  ])

/** Every tag of a mail without a code. */
export const noticeTags = (values: NoticeValues): Tags =>
  new Map([
    ...personTags(values),
    ['app', oneLine(values.app ?? '', MAX_APP)],
    ...lines({
      email: values.email,
      phone: values.phone,
      mobile: values.mobile,
      userid: values.userid,
      description: values.description,
      // NetIQ's words for what the client says of itself
      endpoint: values.endpoint || values.clientIp,
      event: values.challenge,
      number: values.number === undefined ? '' : String(values.number),
    }),
  ])

/** Every tag of a template: those of its text, and LinOTP's for the mail around it. */
export const templateTags = (values: MailValues, locale: Locale): Tags =>
  new Map([
    ...tagsOf(values, locale),
    ['message', oneLine(values.message ?? values.otp, MAX_MESSAGE)],
    ...lines({
      challenge: values.challenge,
      tokendescription: values.description,
      Subject: values.envelope?.subject,
      From: values.envelope?.from,
      To: values.envelope?.to,
      // RFC 5322 §3.3: UTC has this form, not the letters GMT
      Date: values.at.toUTCString().replace('GMT', '+0000'),
    }),
  ])

function lines(values: Record<string, string | undefined>): [string, string][] {
  return Object.entries(values).map(([tag, value]) => [tag, oneLine(value ?? '', MAX_VALUE)])
}

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
  return new Map(lines(tags))
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
/** In HTML, where `<time>` and `<date>` are elements, only LinOTP's two keep the angle form. */
const HTML_TAG = /\$\{(\w+)\}|\{(\w+)\}|<(otp|serial)>/g

/**
 * Puts each tag's value in its place, once: what a value contains is never read again. Unknown tags
 * stay as they are and are named in the result.
 */
export const fillIn = (template: string, tags: Tags): FilledIn => fill(template, tags, TAG, asItIs)

/** The same in HTML, where a value is text whatever it contains. */
export const fillInHtml = (template: string, tags: Tags): FilledIn =>
  fill(template, tags, HTML_TAG, escapeHtml)

function fill(
  template: string,
  tags: Tags,
  pattern: RegExp,
  escape: (value: string) => string,
): FilledIn {
  const unknown = new Set<string>()
  const text = template.replace(pattern, (written, ...names) => {
    const name = tagName(names)
    const value = tags.get(name)
    if (value !== undefined) return escape(value)
    unknown.add(name)
    return written
  })
  return { text, unknown: [...unknown] }
}

/** Whether a template names this tag in any of the three forms. */
export const hasTag = (template: string, tag: string): boolean =>
  tagsIn(template).some(({ name }) => name === tag)

/** Every tag a text names, or an HTML, with its place. */
export function tagsIn(template: string, kind: 'text' | 'html' = 'text') {
  const matches = template.matchAll(kind === 'html' ? HTML_TAG : TAG)
  return [...matches].map(({ 0: written, index, ...names }) => ({
    name: tagName([names[1], names[2], names[3]]),
    written,
    index,
  }))
}

/** The name is in the group of the form that matched. */
function tagName(groups: unknown[]): string {
  return String(groups[0] ?? groups[1] ?? groups[2])
}

function asItIs(value: string): string {
  return value
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
