/** One MIME builder for every provider, so that a mail is the same bytes whichever way it goes. */
import { randomUUID } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { encodeWord } from 'nodemailer/lib/mime-funcs'
import type { Mail, Sent } from '../core/ports.ts'
import { asciiDomain, isMailbox, wireAddress } from '../mail/mailbox.ts'
import { oneLine } from '../mail/one-line.ts'

const MAX_SUBJECT = 200
const MAX_NAME = 100
/** Leaves room for the charset and the field name in a line of 76 (RFC 2047 §2). */
const ENCODED_WORD_LENGTH = 52

/** The failure of a mail whose addresses no server may ever see; undefined when they are sound. */
export function refuseAddresses(mail: Mail): Sent | undefined {
  if (!isMailbox(mail.from)) {
    return { sent: false, failure: 'configuration', reply: 'The sender is not one mailbox.' }
  }
  if (!isMailbox(mail.to)) {
    return { sent: false, failure: 'address', reply: 'The recipient is not one mailbox.' }
  }
  return undefined
}

/**
 * The mail as RFC 5322 bytes: CRLF only, 7-bit unless an address needs SMTPUTF8, lines within 998
 * octets. Addresses must have passed {@link refuseAddresses}; they are handed over as objects, so
 * that no address parser reads them.
 */
export function toMime(mail: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    from: { name: oneLine(mail.fromName ?? '', MAX_NAME), address: wireAddress(mail.from) },
    to: { name: '', address: wireAddress(mail.to) },
    date: mail.date,
    messageId: `<${randomUUID()}@${asciiDomain(mail.from)}>`,
    headers: { Subject: subjectField(mail.subject), 'Auto-Submitted': 'auto-generated' },
    text: crlf(mail.text),
    html: mail.html && crlf(mail.html),
    attachments: mail.inline?.map(({ cid, type, content }) => ({
      cid,
      contentType: type,
      contentDisposition: 'inline',
      filename: false,
      content: Buffer.from(content),
    })),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return composer.compile().build()
}

/** Also of a lone CR or LF, which servers read in different ways (SMTP smuggling). */
function crlf(text: string): string {
  return text.replaceAll(/\r\n?|\n/g, '\r\n')
}

/** A subject that looks like an encoded word is encoded, or the reader's program would decode it. */
function subjectField(text: string) {
  const subject = oneLine(text, MAX_SUBJECT)
  if (!subject.includes('=?')) return subject
  return { prepared: true, foldLines: true, value: encodeWord(subject, 'B', ENCODED_WORD_LENGTH) }
}
