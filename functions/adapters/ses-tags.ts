/** What a mail is about, as tags of an SES message: they come back with everything SES reports. */
import type { MessageTag } from '@aws-sdk/client-sesv2'
import type { MailReference } from '../core/ports.ts'
import { FORMER, PENDING } from '../core/registration/code-serials.ts'

const NAMES = { kind: 'kind', transactionId: 'transaction_id', serial: 'serial' } as const

/** SES refuses the whole mail for a tag with other characters. */
const TAG_VALUE = /^[A-Za-z0-9_-]{1,255}$/

/** Serials that are none of a token, and no tags: mails of these kinds have no other. */
const OF_NO_TOKEN: Partial<Record<MailReference['kind'], string>> = {
  address: PENDING,
  notice: FORMER,
}

/** Undefined: nothing to tell. What SES would not take as a tag is left out: the mail matters more. */
export function sesTags(reference: MailReference | undefined): MessageTag[] | undefined {
  if (!reference) return undefined
  const tags = Object.entries(NAMES).map(([member, Name]) => ({
    Name,
    Value: reference[member as keyof MailReference] ?? '',
  }))
  return tags.filter(({ Value }) => TAG_VALUE.test(Value))
}

/** Reads them back from an event, where each name has a list of values. */
export function readTags(tags: Readonly<Record<string, unknown>>): Partial<MailReference> {
  const entries = Object.entries(NAMES).flatMap(([member, name]) => {
    const values = tags[name]
    const [value] = Array.isArray(values) ? (values as unknown[]) : []
    return typeof value === 'string' && TAG_VALUE.test(value) ? [[member, value] as const] : []
  })
  const about: Partial<MailReference> = Object.fromEntries(entries)
  const serial = about.serial ?? (about.kind && OF_NO_TOKEN[about.kind])
  return { ...about, ...(serial === undefined ? {} : { serial }) }
}
