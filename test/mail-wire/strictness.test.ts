/** The readers these tests rely on see what is wrong. */
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { soundMail } from './sound-mail.ts'

const SOUND = [
  'From: login@otpost.example',
  'To: alice@firma.example',
  'Subject: Your OTP',
  'Date: Sat, 21 Nov 2026 01:18:26 +0000',
  'Message-ID: <0b1c2d3e-0000-4000-8000-000000000000@otpost.example>',
  'Auto-Submitted: auto-generated',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 7bit',
  '',
  'Your code:',
  '',
  '287082',
  '..',
  '..dotted',
  '',
].join('\r\n')

const judge = (message: string) => soundMail(Buffer.from(`${message}.\r\n`, 'latin1'))
const changed = (from: string, to: string) => SOUND.replace(from, to)

describe('a mail', () => {
  it('that is sound passes, its dots as they were', () => {
    expect(judge(SOUND).text).toBe('Your code:\n\n287082\n.\n.dotted\n')
  })

  it.each([
    ['a second recipient', changed('Subject', 'Bcc: victim@x.example\r\nSubject')],
    ['a Cc', changed('Subject', 'Cc: victim@x.example\r\nSubject')],
    ['a header twice', changed('Subject', 'To: alice@firma.example\r\nSubject')],
    ['no Message-ID', changed('Message-ID', 'X-Message-ID')],
    ['a header of another kind', changed('Subject', 'List-Unsubscribe: <https://x>\r\nSubject')],
    ['a bare LF in a header', changed('Your OTP', 'Your\nBcc: v@x.example')],
    ['a bare CR in a header', changed('Your OTP', 'Your\rBcc: v@x.example')],
    ['a bare LF in the body', changed('287082', '287082\n.\nMAIL FROM:<a@x.example>')],
    ['a bare CR in the body', changed('287082', '287082\r')],
    ['NUL', changed('287082', '287082\0')],
    ['a lone dot', changed('\r\n..\r\n', '\r\n.\r\n')],
    ['a dot that was not doubled', changed('..dotted', '.dotted')],
    ['a line of 999 octets', changed('287082', 'x'.repeat(999))],
    ['8-bit octets that were not announced', changed('287082', 'Gr\xfc\xdfe')],
    ['a header that is none', changed('Subject', 'no header here\r\nSubject')],
    ['no empty line', SOUND.replace('\r\n\r\n', '\r\n').replace('\r\n\r\n', '\r\n')],
    ['another Auto-Submitted', changed('auto-generated', 'no')],
  ])('with %s does not', (_, message) => {
    expect(() => judge(message)).toThrow()
  })

  it('of exactly 998 octets in a line passes', () => {
    expect(() => judge(changed('287082', 'x'.repeat(998)))).not.toThrow()
  })
})

describe('the rows of the documents', () => {
  const ids = [
    ...Array.from({ length: 31 }, (_, at) => `L${String(at + 7).padStart(2, '0')}`),
    ...['P09', 'P10', 'P11', 'P12', 'P13', 'N02', 'N03', 'N04', 'N05', 'N06', 'N07', 'N09', 'N18'],
    ...['X20', 'X24'],
  ]

  it('have each a test that names them', async () => {
    const files = ['provider-config.test.ts', 'provider-choice.test.ts']
    const texts = await Promise.all(
      files.map((file) => readFile(new URL(file, import.meta.url), 'utf8')),
    )
    const titles = texts.join().match(/[[( ]['`][^'`]*\b[LPNX]\d\d\b[^'`]*['`]/g) ?? []
    const named = new Set(titles.join().match(/\b[LPNX]\d\d\b/g))
    expect(ids.filter((id) => !named.has(id))).toEqual([])
  })
})
