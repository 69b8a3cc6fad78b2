/** How members of a provider are read that no parameter has. */
import { line } from './setting-kinds.ts'
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

/**
 * The name of a template, alone or as LinOTP writes it (`file://login.eml`). LinOTP also takes a
 * whole mail there; ours are checked and kept in a store, because no parameter could hold them.
 */
export const templateChoice: Kind<string> = {
  accepted: templateName.accepted,
  read(value) {
    if (MIME_TEXT.test(value)) {
      return {
        refused:
          'is a whole mail and not the name of one: save it as a file, store that by `otpost ' +
          'template put`, and give its name here',
      }
    }
    const name = templateName.read(value)
    return 'refused' in name ? name : { value }
  },
}

/** A header field, or several lines. */
const MIME_TEXT = /^[\w-]+:[ \t]|\n/
