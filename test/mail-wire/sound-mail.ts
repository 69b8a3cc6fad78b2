/** What must hold of every mail Otpost hands to a server, read from the octets that arrived. */
import { expect } from 'vitest'
import { headerText, only, readMessage, unstuff } from '../support/smtp-message.ts'
import { type SmtpSession, verbsOf } from '../support/smtp-server.ts'

const ONCE = ['Auto-Submitted', 'Date', 'From', 'MIME-Version', 'Message-ID', 'Subject', 'To']
const CONTENT = ['Content-Transfer-Encoding', 'Content-Type']

export type SoundMail = {
  from: string
  to: string
  subject: string
  /** Of the first part, lines ended by LF. */
  text: string
  html: string | undefined
  contentType: string
  /** Media types of all parts, in order. */
  types: string[]
  /** The octets before dot-stuffing. */
  raw: Buffer
  /** The message as its server keeps it. */
  headers: ReturnType<typeof readMessage>['headers']
}

/** Reads what followed DATA; throws or fails on anything a strict server could stumble over. */
export function soundMail(data: Buffer): SoundMail {
  const raw = unstuff(data)
  const { headers, parts, contentType } = readMessage(raw)
  const names = headers.map(({ name }) => name)
  const further = names.filter((name) => !CONTENT.includes(name)).sort()
  if (further.join() !== ONCE.join()) throw new Error(`headers: ${names.join()}`)
  if (new Set(names).size !== names.length) throw new Error(`twice: ${names.join()}`)

  const value = (name: string) => only(headers, name)
  expect(value('Auto-Submitted')).toBe('auto-generated')
  expect(value('MIME-Version')).toBe('1.0')
  expect(value('Message-ID')).toMatch(/^<[0-9a-f-]{36}@[A-Za-z0-9.-]+>$/)
  expect(value('Date')).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/)
  expect(parts[0]!.type).toBe('text/plain')
  return {
    from: headerText(value('From')),
    to: value('To'),
    subject: headerText(value('Subject')),
    text: parts[0]!.text.replaceAll('\r\n', '\n'),
    html: parts.find(({ type }) => type === 'text/html')?.text,
    contentType,
    types: parts.map(({ type }) => type),
    raw,
    headers,
  }
}

/** The one mail of a session, whose envelope must be this. */
export function mailOf(session: SmtpSession, envelope: { from: string; to: string }): SoundMail {
  expect(session.messages).toHaveLength(1)
  const said = session.lines.map(({ text }) => text)
  const of = (verb: string) => said.filter((text) => text.toUpperCase().startsWith(verb))
  expect(of('MAIL').map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
    `MAIL FROM:<${envelope.from}>`,
  ])
  expect(of('RCPT').map((text) => text.split(' ').slice(0, 2).join(' '))).toEqual([
    `RCPT TO:<${envelope.to}>`,
  ])
  expect(verbsOf(session).filter((verb) => verb === 'DATA')).toHaveLength(1)
  const mail = soundMail(session.messages[0]!)
  expect(mail.to).toBe(envelope.to)
  return mail
}
