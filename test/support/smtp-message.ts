/** A reader of messages that takes nothing on trust: what RFC 5321 and 5322 do not allow, throws. */

export type Part = { type: string; charset: string; headers: Field[]; text: string }
export type Field = { name: string; value: string }
export type StrictMessage = {
  /** In order, unfolded. */
  headers: Field[]
  /** Those that hold something, in order. */
  parts: Part[]
  contentType: string
}

const MOST_OCTETS = 998
const CRLF = '\r\n'

/** The message within what followed DATA: dots taken off, the end where it must be and nowhere else. */
export function unstuff(data: Buffer): Buffer {
  const text = data.toString('latin1')
  if (!text.endsWith('\r\n.\r\n')) throw new Error('does not end with CRLF . CRLF')
  const content = text.slice(0, -3)
  const lines = content.slice(0, -2).split(CRLF)
  for (const [at, line] of lines.entries()) {
    if (/[\r\n]/.test(line)) throw new Error(`line ${at}: a bare CR or LF`)
    if (line.includes('\0')) throw new Error(`line ${at}: NUL`)
    if (line === '.') throw new Error(`line ${at}: a lone dot ends the message here`)
    if (line.startsWith('.') && !line.startsWith('..')) throw new Error(`line ${at}: a single dot`)
    const length = line.length - (line.startsWith('..') ? 1 : 0)
    if (length > MOST_OCTETS) throw new Error(`line ${at}: ${length} octets`)
  }
  return Buffer.from(lines.map((line) => line.replace(/^\./, '')).join(CRLF) + CRLF, 'latin1')
}

/** Reads a message with all its parts, however they are nested. */
export function readMessage(raw: Buffer): StrictMessage {
  const { headers, body } = split(raw.toString('latin1'))
  return { headers, contentType: only(headers, 'Content-Type'), parts: partsOf(headers, body) }
}

function partsOf(headers: Field[], body: string): Part[] {
  const boundary = parameterOf(only(headers, 'Content-Type'), 'boundary')
  if (boundary === undefined) return [partOf(headers, body)]
  return pieces(body, boundary).flatMap((piece) => {
    const inner = split(piece)
    return partsOf(inner.headers, inner.body)
  })
}

/** The value of a field that must be there once. */
export function only(headers: Field[], name: string): string {
  const found = headers.filter((field) => field.name.toLowerCase() === name.toLowerCase())
  if (found.length !== 1) throw new Error(`${found.length} fields ${name}`)
  return found[0]!.value
}

function split(text: string): { headers: Field[]; body: string } {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) throw new Error('no empty line behind the headers')
  const headers: Field[] = []
  for (const line of text.slice(0, end).split(CRLF)) {
    const folded = /^[ \t]/.test(line)
    if (folded && line.trim() === '') throw new Error('a folded line of blanks only')
    if (folded && headers.length === 0) throw new Error('starts with a folded line')
    if (folded) headers.at(-1)!.value += line
    else headers.push(fieldOf(line))
  }
  return { headers, body: text.slice(end + 4) }
}

function fieldOf(line: string): Field {
  const match = /^([!-9;-~]+): ?(.*)$/.exec(line)
  if (!match) throw new Error(`not a header: ${JSON.stringify(line)}`)
  const [, name, value] = match as unknown as [string, string, string]
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw new Error(`a control character in ${name}`)
  return { name, value }
}

function pieces(body: string, boundary: string): string[] {
  const [preamble, ...rest] = `${CRLF}${body}`.split(`${CRLF}--${boundary}`)
  const epilogue = rest.pop()
  if (preamble?.trim() || !epilogue?.startsWith('--') || epilogue.slice(2).trim()) {
    throw new Error('text around the parts')
  }
  return rest.map((piece) => {
    if (!piece.startsWith(CRLF)) throw new Error('a boundary with something behind it')
    return `${piece.slice(2)}${CRLF}`
  })
}

function partOf(headers: Field[], body: string): Part {
  const contentType = only(headers, 'Content-Type')
  const encoding = headers.find(({ name }) => /^content-transfer-encoding$/i.test(name))?.value
  const charset = parameterOf(contentType, 'charset') ?? 'us-ascii'
  const octets = decoded(body, encoding?.toLowerCase() ?? '7bit')
  return {
    type: contentType.split(';')[0]!.trim(),
    charset,
    headers,
    text: octets.toString('utf8'),
  }
}

function decoded(body: string, encoding: string): Buffer {
  if (encoding === '7bit') {
    if (/[^\x01-\x7f]/.test(body)) throw new Error('8-bit octets in a 7-bit part')
    return Buffer.from(body, 'latin1')
  }
  if (encoding === 'base64') {
    if (!/^[A-Za-z0-9+/=\r\n]*$/.test(body)) throw new Error('not base64')
    return Buffer.from(body, 'base64')
  }
  if (encoding !== 'quoted-printable') throw new Error(`the encoding ${encoding}`)
  if (/=(?!\r\n|[0-9A-F]{2})/.test(body)) throw new Error('not quoted-printable')
  if (body.split(CRLF).some((line) => line.length > 76)) throw new Error('a long encoded line')
  const text = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(text, 'latin1')
}

function parameterOf(value: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(value)
  return match?.[1] ?? match?.[2]
}

/** The text of a header with its encoded words decoded (RFC 2047). */
export function headerText(value: string): string {
  const joined = value.replaceAll(/\?=\s+=\?/g, '?==?')
  return joined.replaceAll(/=\?utf-8\?([bq])\?([^?\s]*)\?=/gi, (_, kind: string, text: string) =>
    kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString() : quotedWord(text),
  )
}

function quotedWord(text: string): string {
  const octets = text
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(octets, 'latin1').toString()
}
