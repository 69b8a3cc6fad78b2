/**
 * Where the parts of a MIME source begin: what a reader of MIME throws away and a person who has to
 * mend a template needs. Finds boundaries by their lines; what the parts contain is for the parser.
 */
export type SourcePart = {
  type: string
  charset: string | undefined
  encoding: string
  cid: string | undefined
  /** Lines of its header and its body, from 1. */
  headerLine: number
  bodyLine: number
  /** The lines of its body as they are in the file. */
  body: string[]
}

const BOUNDARY = /^--(?!$).+/

/** The parts of a source that are not multiparts, in their order. */
export function sourceParts(source: string): SourcePart[] {
  const lines = source.split(/\r\n|\r|\n/)
  const boundaries = new Set<string>()
  const parts: SourcePart[] = []
  let at = 0
  while (at < lines.length) {
    const headerLine = at
    while (at < lines.length && lines[at] !== '') at++
    const fields = fieldsOf(lines.slice(headerLine, at))
    const type = valueOf(fields.get('content-type') ?? 'text/plain')
    const boundary = parameterOf(fields.get('content-type'), 'boundary')
    if (boundary !== undefined) boundaries.add(boundary)
    const bodyLine = ++at
    while (at < lines.length && !isBoundary(lines[at]!, boundaries)) at++
    if (!type.startsWith('multipart/')) {
      parts.push({
        type,
        charset: parameterOf(fields.get('content-type'), 'charset'),
        encoding: valueOf(fields.get('content-transfer-encoding') ?? '7bit'),
        cid: fields.get('content-id')?.replace(/^<|>$/g, ''),
        headerLine: headerLine + 1,
        bodyLine: bodyLine + 1,
        body: lines.slice(bodyLine, at),
      })
    }
    at = afterBoundary(lines, at, boundaries)
  }
  return parts
}

function isBoundary(line: string, boundaries: ReadonlySet<string>): boolean {
  if (!BOUNDARY.test(line)) return false
  const name = line.slice(2).trimEnd()
  return boundaries.has(name) || (name.endsWith('--') && boundaries.has(name.slice(0, -2)))
}

/** A closing boundary is followed by an epilogue up to the next one. */
function afterBoundary(lines: string[], at: number, boundaries: ReadonlySet<string>): number {
  for (let line = at; line < lines.length; line++) {
    if (isBoundary(lines[line]!, boundaries) && boundaries.has(lines[line]!.slice(2).trimEnd())) {
      return line + 1
    }
  }
  return lines.length
}

/** Fields by name in lower case; a field of several lines is one. */
function fieldsOf(lines: string[]): Map<string, string> {
  const fields = new Map<string, string>()
  const unfolded = lines.join('\n').replaceAll(/\n(?=[ \t])/g, '')
  for (const line of unfolded.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0)
      fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return fields
}

const valueOf = (field: string) => field.split(';', 1)[0]!.trim().toLowerCase()

const parameterOf = (field: string | undefined, name: string): string | undefined =>
  new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i')
    .exec(field ?? '')
    ?.slice(1)
    .find((value) => value !== undefined)

/**
 * The line of the file that a line of a part's decoded text is in. Base64 has no lines of its text:
 * there it is the first of the body.
 *
 * @param line from 1
 */
export function lineInFile(part: SourcePart, line: number): number {
  if (part.encoding === 'base64') return part.bodyLine
  if (part.encoding !== 'quoted-printable') return part.bodyLine + line - 1
  let decoded = 1
  for (const [index, text] of part.body.entries()) {
    if (decoded >= line) return part.bodyLine + index
    if (!text.trimEnd().endsWith('=')) decoded++
  }
  return part.bodyLine + Math.max(0, part.body.length - 1)
}
