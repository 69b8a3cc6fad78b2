import PostalMime, { type Attachment, type Email } from 'postal-mime'
import type { InlineImage, MailTemplate } from '../../core/template.ts'
import type { Finding } from './finding.ts'
import { type SourcePart, sourceParts } from './source-parts.ts'

/** The MIME message of a template, and where its parts are in the file. */
export type ReadSource = {
  /** Undefined when there is no text part. */
  template: MailTemplate | undefined
  parts: SourcePart[]
  findings: Finding[]
}

const IMAGES = ['image/png', 'image/jpeg', 'image/gif']
/** What may stand in a header and in HTML without being quoted. */
const CID = /^[A-Za-z0-9._@+-]{1,128}$/

/** Reads a source; what it holds beyond text, HTML and inline images is a finding. Throws for what is no MIME. */
export async function readSource(source: Uint8Array): Promise<ReadSource> {
  const parts = sourceParts(Buffer.from(source).toString('latin1'))
  const email = await PostalMime.parse(source, {
    attachmentEncoding: 'base64',
    forceRfc822Attachments: true,
    maxNestingDepth: 8,
    maxHeadersSize: 64 * 1024,
  })
  const images = email.attachments.map((one) => readImage(one, lineOf(one, parts)))
  const inline = images.flatMap((one) => ('image' in one ? one.image : []))
  const findings = [
    ...images.flatMap((one) => ('finding' in one ? one.finding : [])),
    ...severalOf('text/plain', parts),
    ...severalOf('text/html', parts),
  ]
  return { template: templateOf(email, inline), parts, findings }
}

function templateOf(email: Email, inline: InlineImage[]): MailTemplate | undefined {
  if (email.text === undefined) return undefined
  const subject = email.subject?.trim()
  const fromName = email.from?.name.trim()
  return {
    // `Subject: ${Subject}` says no more than leaving it out
    ...(subject && !/^(\$?\{Subject\}|<Subject>)$/.test(subject) ? { subject } : {}),
    ...(fromName && !/^(\$?\{From\}|<From>)$/.test(fromName) ? { fromName } : {}),
    text: lines(email.text),
    ...(email.html === undefined ? {} : { html: lines(email.html) }),
    inline,
  }
}

const lines = (text: string) => `${text.replaceAll(/\r\n?/g, '\n').trimEnd()}\n`

function readImage(
  { mimeType, contentId, content, filename }: Attachment,
  line: number,
): { image: InlineImage } | { finding: Finding } {
  const refuse = (why: string) => ({
    finding: { rule: 'part', severity: 'error', line, message: why } as const,
  })
  if (!IMAGES.includes(mimeType)) {
    const name = filename ? ` (${filename.slice(0, 60)})` : ''
    return refuse(
      `A part of type ${mimeType.slice(0, 60)}${name} cannot be sent with a code. Remove it: ` +
        'a template has text/plain, text/html and inline PNG, JPEG and GIF.',
    )
  }
  const cid = contentId?.trim().replace(/^<|>$/g, '')
  if (cid === undefined) {
    return refuse(
      'The image is an attachment. Give it a Content-ID and name that in the HTML by cid:.',
    )
  }
  if (!CID.test(cid))
    return refuse('The Content-ID has characters other than A-Z a-z 0-9 . _ @ + -.')
  return { image: { cid, type: mimeType, base64: String(content) } }
}

const lineOf = ({ mimeType, contentId }: Attachment, parts: SourcePart[]): number =>
  parts.find(
    ({ type, cid }) => type === mimeType && cid === contentId?.trim().replace(/^<|>$/g, ''),
  )?.headerLine ?? 1

/** The parser joins them; what people see then is not what anybody wrote. */
function severalOf(type: string, parts: readonly SourcePart[]): Finding[] {
  const [, second] = parts.filter((part) => part.type === type)
  if (!second) return []
  const message = `There is more than one part of type ${type}. Keep one.`
  return [{ rule: 'part', severity: 'error', line: second.headerLine, message }]
}
