import fc from 'fast-check'
import { simpleParser } from 'mailparser'
import { describe, expect, it } from 'vitest'
import { toMime } from '../../functions/adapters/mime.ts'
import type { Mail } from '../../functions/core/ports.ts'
import { renderMail } from '../../functions/mail/render.ts'
import { OTP, sampleMail } from './sample-mail.ts'

const ONCE = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'Auto-Submitted', 'MIME-Version']
const ALLOWED = [...ONCE, 'Content-Type', 'Content-Transfer-Encoding']

async function headersOf(mail: Mail): Promise<string[]> {
  const raw = await toMime(mail)
  const [head] = raw.toString('latin1').split('\r\n\r\n')
  return head!.replaceAll(/\r\n[ \t]/g, ' ').split('\r\n')
}

function fieldNames(headers: string[]): string[] {
  return headers.map((header) => header.split(':')[0]!)
}

function expectSoundLines(raw: Buffer): void {
  const text = raw.toString('latin1')
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\0]/)
  const longest = Math.max(...text.split('\r\n').map((line) => line.length))
  expect(longest).toBeLessThanOrEqual(998)
}

describe('headers', () => {
  it('are exactly the ones wanted, each once', async () => {
    const names = fieldNames(await headersOf(sampleMail()))
    expect(names.toSorted()).toEqual([...ONCE, 'Content-Type'].toSorted())
  })

  it('date the mail by its own clock and mark it as automatic', async () => {
    const headers = await headersOf(sampleMail())
    expect(headers).toContain('Date: Sat, 21 Nov 2026 01:18:26 +0000')
    expect(headers).toContain('Auto-Submitted: auto-generated')
  })

  it('give every message an id of its own at the domain of the sender', async () => {
    const ids = await Promise.all([1, 2].map(() => messageId(sampleMail())))
    expect(ids[0]).toMatch(/^<[0-9a-f-]{36}@otpost\.example>$/)
    expect(ids[0]).not.toBe(ids[1])
    expect(await messageId(sampleMail({ from: 'a@bücher.example' }))).toContain(
      '@xn--bcher-kva.example>',
    )
  })

  it('do not let a subject in disguise be decoded', async () => {
    const subject = 'Hi =?UTF-8?B?SU1QT1JUQU5U?='
    const parsed = await simpleParser(await toMime(sampleMail({ subject })))
    expect(parsed.subject).toBe(subject)
  })
})

async function messageId(mail: Mail): Promise<string | undefined> {
  return (await simpleParser(await toMime(mail))).messageId
}

describe('the body', () => {
  it('is exactly the text when there is nothing else', async () => {
    const raw = await toMime(sampleMail({ text: OTP, html: undefined }))
    const [head, body] = raw.toString('latin1').split('\r\n\r\n')
    expect(head).toContain('Content-Type: text/plain; charset=utf-8')
    expect(body).toBe(`${OTP}\r\n`)
  })

  it.each(['x'.repeat(5000), '验证码'.repeat(2000), 'a\rb\nc\r\nd\0e', '.\r\n.\r\n'])(
    'goes out in sound lines (%#)',
    async (text) => expectSoundLines(await toMime(sampleMail({ text, html: `<p>${text}</p>` }))),
  )
})

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    'x\r\nBcc: victim@x.example',
    'x\nSubject: other',
    'x\r\n\r\n<html>body',
    '"; To: b@y.example <a@x.example>',
    '=?utf-8?q?=0D=0ABcc:_v=40x.example?=',
    '\u2028Bcc: v@x.example\u202e',
    'y'.repeat(3000),
    '{otp}<otp>${otp}',
  ),
)

describe('whatever a name, a subject or a tag contains', () => {
  it('adds no header, no recipient and no broken line', async () => {
    const inputs = fc.asyncProperty(hostile, hostile, hostile, async (subject, fromName, name) => {
      const values = { otp: OTP, validSeconds: 120, at: new Date(0), givenname: name, app: name }
      const custom = { subject: `${subject} {user}` }
      const rendered = renderMail('authentication', values, { locale: 'de', custom })
      const mail = sampleMail({ ...rendered, fromName })

      expectSoundLines(await toMime(mail))
      const headers = await headersOf(mail)
      const names = fieldNames(headers)
      expect(names.filter((field) => !ALLOWED.includes(field))).toEqual([])
      expect(new Set(names).size).toBe(names.length)
      expect(headers).toContain(`To: ${mail.to}`)
    })
    await fc.assert(inputs, { numRuns: 300 })
  })

  it('arrives as one address each', async () => {
    const inputs = fc.asyncProperty(hostile, hostile, async (subject, fromName) => {
      const raw = await toMime(sampleMail({ subject, fromName }))
      expectSoundLines(raw)
      const parsed = await simpleParser(raw)
      expect(parsed.from?.value.map(({ address }) => address)).toEqual(['login@otpost.example'])
      expect([parsed.to].flat().flatMap((to) => to?.value ?? [])).toHaveLength(1)
    })
    await fc.assert(inputs, { numRuns: 100 })
  })
})
