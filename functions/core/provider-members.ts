/** How members of a provider are read that no parameter has. */
import { line, text } from './setting-kinds.ts'
import type { Kind } from './setting-kinds.ts'
import { mailbox } from './setting-kinds-net.ts'
import { templateName } from './template.ts'

type Sender = { sender: string; senderName: string }

/** A bare mailbox, or one in angle brackets behind a name (RFC 5322 §3.4). */
export const sender: Kind<Sender> = {
  accepted: `${mailbox.accepted}, or Name <otp@example.com>`,
  read(value) {
    const [, quoted, plain, address] = /^(?:"([^"\\]*)"|([^"<>]*?))\s*<([^<>]*)>$/.exec(value) ?? []
    const name = line(100).read(quoted ?? plain ?? '')
    if ('refused' in name) return name
    const reading = mailbox.read(address ?? value)
    if ('refused' in reading) return reading
    return { value: { sender: reading.value, senderName: name.value } }
  },
}

const LONGEST_TEMPLATE = 16_000

/** The name of a template, alone or as LinOTP writes it (`file://login.eml`), or a MIME text. */
export const templateChoice: Kind<string> = {
  accepted: `${templateName.accepted}; or a whole MIME text`,
  read(value) {
    if (isMimeText(value)) return text(LONGEST_TEMPLATE).read(value)
    const name = templateName.read(value)
    return 'refused' in name ? name : { value }
  },
}

/** Whether a provider's template is the mail itself, and not the name of one. */
export const isMimeText = (template: string): boolean =>
  !/^file:/i.test(template) && /[:\n]/.test(template)
