/** `otpost address …`: addresses whose mails came back. */
import type { Command } from '../command.ts'
import { textOptions } from '../options.ts'
import { call } from '../target.ts'
import { table } from '../text.ts'
import { moreHint, PAGE_OPTIONS, readListing } from './listing.ts'

type AddressView = Record<'address' | 'realm' | 'why' | 'at' | 'words', string> & { user?: string }

const list: Command = {
  path: ['address', 'list'],
  about: 'Lists the addresses that get no codes, because mails came back or were called spam.',
  options: { realm: { value: '<realm>', about: 'only those of this realm' }, ...PAGE_OPTIONS },
  examples: [
    'npx otpost address list',
    'npx otpost address list --realm staff --stage prod --json',
  ],
  async run({ options, target }) {
    const args = textOptions(options, ['realm'])
    const page = await readListing<AddressView>(await target(), 'address.list', args, options)
    const heading = ['ADDRESS', 'USER', 'REALM', 'WHY', 'SINCE', 'THE SERVER SAID']
    const rows = page.items.map((one) => [
      ...[one.address, one.user, one.realm, one.why, one.at, one.words],
    ])
    const text = table(heading, rows) + moreHint(page.next)
    return { value: { addresses: page.items, next: page.next }, text }
  },
}

const allow: Command = {
  path: ['address', 'allow'],
  about: 'Has codes go again to the addresses of a user, once their mailboxes take mail.',
  operands: [{ name: 'user' }],
  options: {
    realm: { value: '<realm>', about: "the user's realm; realm.default unless given" },
    address: { value: '<address>', about: 'only this one' },
  },
  notes:
    'An address is allowed by itself once it is proven again or changed. SES keeps a list of its own:\n' +
    'aws sesv2 delete-suppressed-destination --email-address <address>',
  examples: [
    'npx otpost address allow alice',
    'npx otpost address allow bob --address bob@home.example --stage prod',
  ],
  async run({ operands: [user], options, target }) {
    const args = { user, ...textOptions(options, ['realm', 'address']) }
    const value = await call<{ allowed: boolean }>(await target(), 'address.allow', args)
    const text = value.allowed ? `Codes go to ${user} again.\n` : 'Nothing had to be changed.\n'
    return { value, text }
  },
}

export const ADDRESS_COMMANDS = [list, allow]
