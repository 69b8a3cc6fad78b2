import { MAX_TEMPLATE_BYTES, type MailTemplate, templateBytes } from '../../core/template.ts'
import { sampleTags, TAG_REFERENCE } from '../tag-reference.ts'
import { hasTag, tagsIn } from '../tags.ts'
import type { Finding } from './finding.ts'
import { htmlFindings, visibleText } from './html-rules.ts'
import { readSource } from './read-source.ts'
import { lineInFile, type SourcePart } from './source-parts.ts'
import { codePlace, textLinks, unknownTags } from './text-rules.ts'

/** `template` is there unless a finding is an error. */
export type CheckedTemplate = { template?: MailTemplate; findings: Finding[] }

/** Gmail cuts off what comes behind 102 kB of a mail's HTML. */
export const MAX_HTML_BYTES = 102_000
/** Images are a third larger in base64, and the item holds less than this. */
export const MAX_SOURCE_BYTES = 600_000
/** RFC 5322 §2.1.1. */
const MAX_LINE = 998

const KNOWN: ReadonlySet<string> = new Set(Object.keys(TAG_REFERENCE))

/** Reads the .eml source of a template and tells everything that is wrong with it, by line. */
export async function checkTemplate(source: Uint8Array): Promise<CheckedTemplate> {
  if (source.byteLength > MAX_SOURCE_BYTES) {
    const message = `The file has ${source.byteLength} octets. Keep it below ${MAX_SOURCE_BYTES}.`
    return { findings: [error('size', 1, message)] }
  }
  const raw = Buffer.from(source).toString('latin1')
  if (!/^[!-9;-~]+:/.test(raw)) {
    const message =
      'The file does not begin with a header. Write one, such as "Content-Type: text/plain; ' +
      'charset=utf-8", and an empty line before the text.'
    return { findings: [error('mime', 1, message)] }
  }
  try {
    const { template, parts, findings } = await readSource(source)
    const all = [
      ...findings,
      ...longLines(raw),
      ...headerFindings(raw),
      ...partFindings(parts),
      ...(template ? contentFindings(template, parts) : [noText(parts)]),
    ].toSorted((a, b) => a.line - b.line)
    const bad = !template || all.some(({ severity }) => severity === 'error')
    return { ...(bad ? {} : { template }), findings: all }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown failure'
    return { findings: [error('mime', 1, `The file cannot be read as a mail: ${why}.`)] }
  }
}

const error = (rule: Finding['rule'], line: number, message: string): Finding => ({
  rule,
  severity: 'error',
  line,
  message,
})
const warning = (rule: Finding['rule'], line: number, message: string): Finding => ({
  rule,
  severity: 'warning',
  line,
  message,
})

const longLines = (raw: string): Finding[] =>
  raw.split(/\r\n|\r|\n/).flatMap((text, index) => {
    if (text.length <= MAX_LINE) return []
    const message =
      `The line has ${text.length} octets, above ${MAX_LINE}. Break it, or encode the part as ` +
      'quoted-printable.'
    return error('line-length', index + 1, message)
  })

const IGNORED = ['cc', 'bcc', 'reply-to', 'resent-to', 'list-unsubscribe']

/** Fields that ask for what no template decides. */
function headerFindings(raw: string): Finding[] {
  const header = raw.split(/\r?\n\r?\n/, 1)[0]!
  return header.split(/\r?\n/).flatMap((text, index) => {
    const name = /^([!-9;-~]+):/.exec(text)?.[1]?.toLowerCase()
    if (name === undefined || !IGNORED.includes(name)) return []
    const message =
      `The field ${text.slice(0, name.length)} is ignored: a code goes to its owner's address only. ` +
      'Remove it.'
    return warning('header', index + 1, message)
  })
}

function partFindings(parts: readonly SourcePart[]): Finding[] {
  const texts = parts.filter(({ type }) => type === 'text/plain' || type === 'text/html')
  const charsets = texts.flatMap((part) => {
    if (part.charset !== undefined) return []
    const plain = part.body.every((line) => /^[\t -~]*$/.test(line)) && part.encoding !== 'base64'
    const message =
      'The part does not name its charset. Write charset=utf-8 behind its Content-Type.'
    return (plain ? warning : error)('charset', part.headerLine, message)
  })
  const [first] = texts
  const text = texts.find(({ type }) => type === 'text/plain')
  if (first?.type !== 'text/html' || !text) return charsets
  const message = 'The HTML comes before the text, so programs show the text. Put the text first.'
  return [...charsets, error('text-first', text.headerLine, message)]
}

const noText = (parts: readonly SourcePart[]): Finding =>
  error(
    'text-first',
    parts[0]?.headerLine ?? 1,
    'There is no text part. Add one of type text/plain: some people and programs read nothing else.',
  )

function contentFindings(template: MailTemplate, parts: readonly SourcePart[]): Finding[] {
  const { text, html, inline, subject = '', fromName = '' } = template
  const within = (type: string, findings: Finding[]): Finding[] => {
    const part = parts.find((one) => one.type === type)
    return part ? findings.map((one) => ({ ...one, line: lineInFile(part, one.line) })) : findings
  }
  const inText = within('text/plain', [
    ...(namesCode(text) ? codePlace(text, sampleTags('en')) : [noCode('text')]),
    ...unknownTags(text, KNOWN),
    ...textLinks(text),
  ])
  const inHeader = unknownTags(`${subject}\n${fromName}`, KNOWN).map((one) => ({ ...one, line: 1 }))
  const inHtml = html === undefined ? [] : within('text/html', htmlPart(html, inline))
  return [...inHeader, ...inText, ...inHtml, ...unused(template, parts), ...tooLarge(template)]
}

const namesCode = (text: string) => hasTag(text, 'otp') || hasTag(text, 'message')

const noCode = (where: string) =>
  error('code', 1, `The code is not in the ${where}. Write \${otp} where it belongs.`)

function htmlPart(html: string, inline: MailTemplate['inline']): Finding[] {
  const seen = tagsIn(visibleText(html), 'html').map(({ name }) => name)
  return [
    ...(seen.includes('otp') || seen.includes('message') ? [] : [noCode('HTML')]),
    ...unknownTags(html, KNOWN, 'html'),
    ...(Buffer.byteLength(html) > MAX_HTML_BYTES
      ? []
      : htmlFindings(html, KNOWN, new Set(inline.map(({ cid }) => cid)))),
  ]
}

/** An image nobody sees is an attachment, and a code with an attachment looks like spam. */
function unused({ html = '', inline }: MailTemplate, parts: readonly SourcePart[]): Finding[] {
  return inline
    .filter(({ cid }) => !html.includes(`cid:${cid}`))
    .map(({ cid }) => {
      const line = parts.find((part) => part.cid === cid)?.headerLine ?? 1
      return error('part', line, `The HTML does not show the image <${cid}>. Show it or remove it.`)
    })
}

function tooLarge(template: MailTemplate): Finding[] {
  const html = Buffer.byteLength(template.html ?? '')
  const whole = templateBytes(template)
  return [
    ...(html > MAX_HTML_BYTES
      ? [
          error(
            'size',
            1,
            `The HTML has ${html} octets; Gmail cuts off what is above ${MAX_HTML_BYTES}. Shorten it.`,
          ),
        ]
      : []),
    ...(whole > MAX_TEMPLATE_BYTES
      ? [
          error(
            'size',
            1,
            `The template takes ${whole} octets of at most ${MAX_TEMPLATE_BYTES}. Use smaller images.`,
          ),
        ]
      : []),
  ]
}
