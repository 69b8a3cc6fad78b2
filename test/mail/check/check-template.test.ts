import { describe, expect, it } from 'vitest'
import { checkTemplate } from '../../../functions/mail/check/check-template.ts'
import { type Rule, RULES } from '../../../functions/mail/check/finding.ts'
import { type Eml, emlOf, image } from '../eml.ts'

const TEXT = 'Your code:\n\n${otp}\n\nFor {username}.\n'
const page = (body: string, style = '', lang = ' lang="en"') =>
  `<html${lang}>\n<head><style>${style}</style></head>\n<body>\n<p>{otp}</p>\n${body}\n</body>\n</html>`
const GOOD: Eml = { subject: 'Code', text: TEXT, html: page('') }
const good = (changes: Eml) => emlOf({ ...GOOD, ...changes })
const html = (body: string, style?: string) => good({ html: page(body, style) })

describe('a sound template', () => {
  it('is read whole, without a finding', async () => {
    const source = good({
      header: ['From: "Example IT" <ignored@example.org>'],
      html: page('<img src="cid:logo@x" alt="Example">'),
      parts: [image('logo@x')],
    })
    const { template, findings } = await checkTemplate(source)
    expect(findings).toEqual([])
    expect(template).toMatchObject({ subject: 'Code', fromName: 'Example IT', text: TEXT })
    expect(template!.html).toContain('<p>{otp}</p>')
    expect(template!.inline).toEqual([
      { cid: 'logo@x', type: 'image/gif', base64: expect.stringMatching(/^R0lGOD/) },
    ])
  })

  it('may be a plain text alone, in any encoding of MIME', async () => {
    const source =
      'Subject: =?utf-8?Q?C=C3=B6de?=\nContent-Type: text/plain; charset=iso-8859-1\n' +
      'Content-Transfer-Encoding: quoted-printable\n\nF=FCr Sie:=\n\n$={otp}\n'
    const { template } = await checkTemplate(Buffer.from(source.replace('$=', '$')))
    expect(template).toEqual({ subject: 'Cöde', text: 'Für Sie:\n${otp}\n', inline: [] })
  })

  it.each(['${Subject}', '{Subject}', '<Subject>'])(
    'has no subject of its own with %s',
    async (subject) => {
      const { template } = await checkTemplate(good({ subject }))
      expect(template).not.toHaveProperty('subject')
    },
  )
})

type Planted = [
  rule: Rule,
  what: string,
  source: Buffer,
  line: number | undefined,
  severity: string,
]
const PLANTED: Planted[] = [
  ['mime', 'no header', Buffer.from('Hello {otp}\n'), 1, 'error'],
  ['mime', 'parts within parts without end', nested(40), 1, 'error'],
  ['mime', 'a tag without end', good({ html: '<html lang="en">{otp}<p' }), undefined, 'error'],
  [
    'mime',
    'a tag of thousands of attributes',
    html(`<a ${'x '.repeat(9000)}>x</a>`),
    undefined,
    'error',
  ],
  ['line-length', 'a line of 999 octets', good({ text: `{otp}\n${'x'.repeat(999)}` }), 13, 'error'],
  ['header', 'a Bcc', good({ header: ['Bcc: eve@example.org'] }), 2, 'warning'],
  ['header', 'a Reply-To', good({ header: ['Reply-To: eve@example.org'] }), 2, 'warning'],
  ['part', 'an attachment', good({ parts: [image('x', 'application/pdf')] }), undefined, 'error'],
  ['part', 'an SVG', good({ parts: [image('x', 'image/svg+xml')] }), undefined, 'error'],
  [
    'part',
    'a mail inside',
    good({ parts: ['Content-Type: message/rfc822\n\nSubject: x\n\ny'] }),
    undefined,
    'error',
  ],
  ['part', 'an image that is not shown', good({ parts: [image('x')] }), undefined, 'error'],
  [
    'part',
    'an image without Content-ID',
    good({ parts: ['Content-Type: image/gif\n\nx'] }),
    undefined,
    'error',
  ],
  ['part', 'a Content-ID that is none', good({ parts: [image('a b"')] }), undefined, 'error'],
  [
    'part',
    'two texts',
    good({ parts: ['Content-Type: text/plain; charset=utf-8\n\nmore'] }),
    undefined,
    'error',
  ],
  ['charset', 'none', Buffer.from('Content-Type: text/plain\n\n{otp}\n'), 1, 'warning'],
  [
    'charset',
    'none, and an umlaut',
    Buffer.from('Content-Type: text/plain\n\nfür {otp}\n'),
    1,
    'error',
  ],
  ['text-first', 'the HTML first', good({ htmlFirst: true }), undefined, 'error'],
  ['text-first', 'no text', emlOf({ html: page('') }), undefined, 'error'],
  ['code', 'none in the text', good({ text: 'Hello' }), 12, 'error'],
  [
    'code',
    'none in the HTML',
    good({ html: '<html lang="en"><p>Hello</p></html>' }),
    undefined,
    'error',
  ],
  [
    'code',
    'only in a comment',
    good({ html: '<html lang="en"><!-- {otp} --></html>' }),
    undefined,
    'error',
  ],
  ['code-place', 'within a sentence', good({ text: 'Your code is {otp}.' }), 12, 'warning'],
  [
    'code-place',
    'behind 200 characters',
    good({ text: `${'word '.repeat(40)}\n{otp}` }),
    13,
    'warning',
  ],
  ['size', 'an HTML that Gmail clips', html('<p>word</p>\n'.repeat(9000)), undefined, 'error'],
  ['size', 'a file of a megabyte', Buffer.from(`A: b\n\n${'x\n'.repeat(500_000)}`), 1, 'error'],
  ['size', 'an item that is too large', huge(), undefined, 'error'],
  ['tag', 'unknown in the text', good({ text: `{otp}\n\${surnam}` }), 13, 'warning'],
  ['tag', 'unknown in the HTML', html('<p>{nope}</p>'), undefined, 'warning'],
  ['tag', 'unknown in the subject', good({ subject: '{nope}' }), 1, 'warning'],
  ['tag', 'the PIN', good({ text: `{otp}\n\${Pin}` }), 13, 'warning'],
  [
    'tag-place',
    'in a URL',
    html('<a href="https://x.example/{username}">x</a>'),
    undefined,
    'error',
  ],
  [
    'tag-place',
    'in a URL, as LinOTP writes it',
    html('<a href="https://x.example/<otp>">x</a>'),
    undefined,
    'error',
  ],
  ['tag-place', 'in a style', html('<p style="color:{app}">x</p>'), undefined, 'error'],
  ['tag-place', 'in a style sheet', html('', 'p{color:${app}}'), undefined, 'error'],
  ['tag-place', 'without quotes', html('<img src="cid:x" alt={app}>'), undefined, 'error'],
  ['tag-place', 'in a comment', html('<!-- {username} -->'), undefined, 'error'],
  ['tag-place', 'among attributes', html('<p {username}>x</p>'), undefined, 'error'],
  ['remote', 'an image', html('<img src="https://x.example/a.png" alt="">'), undefined, 'error'],
  [
    'remote',
    'an image without scheme',
    html('<img src="//x.example/a.png" alt="">'),
    undefined,
    'error',
  ],
  ['remote', 'a srcset', html('<img srcset="a.png 2x" alt="">'), undefined, 'error'],
  [
    'remote',
    'a background',
    html('<table background="a.png"><tr><td>x</td></tr></table>'),
    undefined,
    'error',
  ],
  [
    'remote',
    'a data: image',
    html('<img src="data:image/gif;base64,R0" alt="">'),
    undefined,
    'error',
  ],
  ['remote', 'an image nobody attached', html('<img src="cid:nope" alt="">'), undefined, 'error'],
  [
    'remote',
    'a style sheet',
    html('<link rel="stylesheet" href="https://x.example/a.css">'),
    undefined,
    'error',
  ],
  ['remote', 'an @import', html('', '@import "https://x.example/a.css";'), undefined, 'error'],
  [
    'remote',
    'a url() in a style',
    html('<p style="background:url(a.png)">x</p>'),
    undefined,
    'error',
  ],
  ['active', 'a script', html('<script>alert(1)</script>'), undefined, 'error'],
  ['active', 'a form', html('<form action="https://x.example"></form>'), undefined, 'error'],
  ['active', 'a frame', html('<iframe></iframe>'), undefined, 'error'],
  ['active', 'a handler', html('<p onclick="x()">x</p>'), undefined, 'error'],
  ['active', 'a javascript: link', html('<a href="java&#115;cript:x()">x</a>'), undefined, 'error'],
  ['active', 'a refresh', html('<meta http-equiv="refresh" content="0">'), undefined, 'error'],
  ['link', 'in the HTML', html('<a href="https://x.example">x</a>'), undefined, 'warning'],
  ['link', 'in the text', good({ text: '{otp}\nhttps://x.example' }), 13, 'warning'],
  ['contrast', 'light', html('<p style="color:#999">x</p>'), undefined, 'warning'],
  ['contrast', 'by a class', html('<p class="q">x</p>', '.q{color:#999}'), undefined, 'warning'],
  [
    'contrast',
    'dark text in dark mode',
    html('<p style="color:#333">x</p>', ':root{color-scheme:light dark}'),
    undefined,
    'warning',
  ],
  [
    'contrast',
    'a dark rule',
    html(
      '<p class="q">x</p>',
      '@media (prefers-color-scheme:dark){body{background:#111}.q{color:#222}}',
    ),
    undefined,
    'warning',
  ],
  [
    'alt',
    'none',
    good({ html: page('<img src="cid:x">'), parts: [image('x')] }),
    undefined,
    'warning',
  ],
  ['lang', 'none', good({ html: page('', '', '') }), undefined, 'warning'],
]

function nested(depth: number): Buffer {
  const levels = Array.from({ length: depth }, (_, index) => index)
  const open = (index: number) =>
    `Content-Type: multipart/mixed; boundary="b${index}"\n\n--b${index}\n`
  return Buffer.from(`${levels.map(open).join('')}Content-Type: text/plain\n\n{otp}\n`)
}

function huge(): Buffer {
  const big = `${'A'.repeat(76)}\n`.repeat(5200)
  const part = `Content-Type: image/png\nContent-ID: <x>\nContent-Transfer-Encoding: base64\n\n${big}`
  return good({ html: page('<img src="cid:x" alt="">'), parts: [part] })
}

describe('a template with something wrong', () => {
  it.each(PLANTED)('%s: %s', async (rule, _what, source, line, severity) => {
    const { template, findings } = await checkTemplate(source)
    const found = findings.find((one) => one.rule === rule)
    expect(found, JSON.stringify(findings)).toMatchObject({ severity })
    expect(found!.message).toMatch(/^[^\n]+[.?]$/)
    if (line !== undefined) expect(found!.line).toBe(line)
    expect(template === undefined).toBe(findings.some((one) => one.severity === 'error'))
  })

  it('is planted for every rule', () => {
    expect(new Set(PLANTED.map(([rule]) => rule))).toEqual(new Set(Object.keys(RULES)))
  })

  it('is told its line in the file, also behind soft line breaks', async () => {
    const source =
      'Content-Type: multipart/alternative; boundary=b\n\n--b\n' +
      'Content-Type: text/plain; charset=utf-8\n\n{otp}\n--b\n' +
      'Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n' +
      '<html lang=3D"en">\n<p>{otp}=\nb=\nc</p>\n<script></script>\n--b--\n'
    const { findings } = await checkTemplate(Buffer.from(source))
    expect(findings.find(({ rule }) => rule === 'active')!.line).toBe(15)
  })

  it('says which tag was probably meant', async () => {
    const { findings } = await checkTemplate(good({ text: '{otp}\n{surnam}' }))
    expect(findings[0]!.message).toContain('Did you mean {surname}?')
  })
})

describe('what is fine', () => {
  it.each([
    ['mailto', html('<a href="mailto:help@example.org">x</a>')],
    ['a tag in alt and title', html('<p title="{app}">x</p>')],
    ['hidden text', html('<div style="display:none;color:#fff">x</div>')],
    [
      'a dark rule that mends an inline colour',
      html(
        '<p class="q" style="color:#333">x</p>',
        ':root{color-scheme:light dark}@media (prefers-color-scheme:dark){body{background:#111}.q{color:#eee!important}}',
      ),
    ],
    [
      "LinOTP's own tags",
      good({ text: '<otp>\n<serial>', html: '<html lang="en"><p><otp></p></html>' }),
    ],
  ])('%s', async (_what, source) => {
    expect((await checkTemplate(source)).findings).toEqual([])
  })
})
