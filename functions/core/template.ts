/** Mail templates: what is stored of one, what it may be called, and where it is kept. */
import type { Kind, Reading } from './setting-kinds.ts'

/** A mail that an administrator wrote, with tags. Values are inserted when a mail is sent. */
export type MailTemplate = {
  /** Undefined: that of the provider, the policies or the settings. */
  subject?: string
  /** Display name of the sender. */
  fromName?: string
  text: string
  html?: string
  /** Images the HTML shows by `cid:`. */
  inline: readonly InlineImage[]
}

export type InlineImage = {
  /** Content-ID without its angle brackets (RFC 2392). */
  cid: string
  /** Media type such as `image/png`. */
  type: string
  base64: string
}

/** A template in the store, under its name. */
export type StoredTemplate = MailTemplate & {
  name: string
  /** Unix time in milliseconds. */
  savedAt: number
}

/** What a listing tells of a template. */
export type TemplateSummary = Pick<StoredTemplate, 'name' | 'subject' | 'savedAt'>

export interface TemplateStore {
  get(name: string): Promise<StoredTemplate | undefined>
  /** Replaces the template of that name, if there is one. */
  put(template: StoredTemplate): Promise<void>
  /** Every template, by name. */
  list(): Promise<TemplateSummary[]>
  /** False when there is none of that name. */
  remove(name: string): Promise<boolean>
}

/**
 * An item of DynamoDB holds 400 kB, its attribute names included; what goes beyond a mail's HTML
 * are images.
 */
export const MAX_TEMPLATE_BYTES = 380_000

/** What a template takes of an item. */
export const templateBytes = (template: MailTemplate): number =>
  Buffer.byteLength(JSON.stringify(template))

/**
 * The name of a template, also as LinOTP writes it (`file://enroll2user.eml`): without scheme and
 * extension. A name is never a path.
 */
export const templateName: Kind<string> = {
  accepted: 'the name of a template, also as file://name.eml: 1 to 64 of A-Z a-z 0-9 . _ -',
  read: (text) => readName(text.replace(/^file:\/\//i, '')),
}

function readName(text: string): Reading<string> {
  if (/^[/\\~]|^[a-z]:[/\\]/i.test(text)) return { refused: 'is an absolute path' }
  if (text.split(/[/\\]/).includes('..')) return { refused: 'leads out of the templates (..)' }
  if (/[/\\]/.test(text)) return { refused: 'is a path: templates are not in folders' }
  const name = text.replace(/\.eml$/i, '')
  if (name === '') return { refused: 'is empty' }
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/.test(name)) return { refused: 'is not a name' }
  return { value: name }
}

/** The name of the template for one language: `code.de` beside `code`. */
export const variantOf = (name: string, locale: string) => `${name}.${locale}`

export const byTemplateName = (a: { name: string }, b: { name: string }) =>
  a.name < b.name ? -1 : 1
