/** What a mail is about, as tags of an SES message: they come back with everything SES reports. */
import type { MessageTag } from '@aws-sdk/client-sesv2'
import type { MailReference } from '../core/ports.ts'
import { FORMER, NOTICE, PENDING } from '../core/registration/code-serials.ts'

const NAMES = { kind: 'kind', transactionId: 'transaction_id', serial: 'serial' } as const

/** See `reportSeal`. */
const SEAL = 'seal'

/** SES refuses the whole mail for a tag with other characters. */
const TAG_VALUE = /^[A-Za-z0-9_-]{1,255}$/

/** Serials that are none of a token, and no tags: mails of these kinds have no other. */
const OF_NO_TOKEN: Partial<Record<MailReference['kind'], string>> = {
  address: PENDING,
  notice: FORMER,
  token_notice: NOTICE,
}

/** Undefined: nothing to tell. What SES would not take as a tag is left out: the mail matters more. */
export function sesTags(
  reference: MailReference | undefined,
  seal?: string,
): MessageTag[] | undefined {
  if (!reference) return undefined
  const tags = Object.entries(NAMES).map(([member, Name]) => ({
    Name,
    Value: reference[member as keyof MailReference] ?? '',
  }))
  const sealed = seal === undefined ? tags : [...tags, { Name: SEAL, Value: seal }]
  return sealed.filter(({ Value }) => TAG_VALUE.test(Value))
}

/** What proves that a mail is ours, if it says so. */
export const readSeal = (tags: Readonly<Record<string, unknown>>): string | undefined =>
  valueOf(tags, SEAL)

function valueOf(tags: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const values = Object.hasOwn(tags, name) ? tags[name] : undefined
  const [value] = Array.isArray(values) ? (values as unknown[]) : []
  return typeof value === 'string' && TAG_VALUE.test(value) ? value : undefined
}

/** Reads them back from an event, where each name has a list of values. */
export function readTags(tags: Readonly<Record<string, unknown>>): Partial<MailReference> {
  const entries = Object.entries(NAMES).flatMap(([member, name]) => {
    const value = valueOf(tags, name)
    return value === undefined ? [] : [[member, value] as const]
  })
  const about: Partial<MailReference> = Object.fromEntries(entries)
  const serial = about.serial ?? (about.kind && OF_NO_TOKEN[about.kind])
  return { ...about, ...(serial === undefined ? {} : { serial }) }
}
