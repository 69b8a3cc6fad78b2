/** Sources of templates as an administrator would write them. */
export type Eml = {
  subject?: string
  /** Further lines of the header. */
  header?: string[]
  text?: string
  html?: string
  /** Further parts, header and body. */
  parts?: string[]
  htmlFirst?: boolean
}

const PIXEL = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

export const image = (cid: string, type = 'image/gif') =>
  `Content-Type: ${type}\r\nContent-ID: <${cid}>\r\nContent-Transfer-Encoding: base64\r\n\r\n${PIXEL}`

/** An .eml with text, HTML and images, CRLF throughout. */
export function emlOf({ subject, header = [], text, html, parts = [], htmlFirst }: Eml): Buffer {
  const inText = text === undefined ? [] : [part('text/plain', text)]
  const inHtml = html === undefined ? [] : [part('text/html', html)]
  const bodies = htmlFirst ? [...inHtml, ...inText] : [...inText, ...inHtml]
  const lines = [
    ...(subject === undefined ? [] : [`Subject: ${subject}`]),
    ...header,
    'MIME-Version: 1.0',
    'Content-Type: multipart/related; boundary="outer"',
    '',
    '--outer',
    'Content-Type: multipart/alternative; boundary="inner"',
    '',
    ...bodies.flatMap((body) => ['--inner', body]),
    '--inner--',
    ...parts.flatMap((one) => ['--outer', one]),
    '--outer--',
    '',
  ]
  return Buffer.from(lines.join('\n').replaceAll(/\r?\n/g, '\r\n'))
}

const part = (type: string, body: string) =>
  `Content-Type: ${type}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${body}`
