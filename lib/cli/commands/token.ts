import type { Command } from '../command.ts'
import { numberOption, textOptions } from '../options.ts'
import { optionalSecret, optionalSecretOptions, requiredSecret, secretOptions } from '../secrets.ts'
import { call } from '../target.ts'
import { moreHint, PAGE_OPTIONS, readListing } from './listing.ts'
import { tokenTable, type TokenView } from './token-table.ts'

const enrol: Command = {
  path: ['token', 'enrol'],
  about: "Registers an e-mail token; without --email its codes go to the user's own address.",
  operands: [{ name: 'user' }],
  options: {
    realm: { value: '<realm>', about: "the user's realm; realm.default unless given" },
    serial: { value: '<serial>', about: 'its serial; one is made up unless given' },
    email: { value: '<address>', about: "where its codes go, instead of the user's address" },
    digits: { value: '<n>', about: 'digits of a code, 4 to 12; otp.length unless given' },
    description: { value: '<text>', about: 'a note for people' },
    ...optionalSecretOptions('pin'),
  },
  notes: 'A serial the user has already is enrolled anew: its old codes end, its PIN stays.',
  examples: [
    'npx otpost token enrol alice --ask-pin',
    'npx otpost token enrol bob --realm staff --email bob@home.example --digits 8 --stage prod',
  ],
  async run(invocation) {
    const { operands, options } = invocation
    const target = await invocation.target()
    const value = await call<TokenView>(target, 'token.enrol', {
      user: operands[0],
      ...textOptions(options, ['realm', 'serial', 'email', 'description']),
      digits: numberOption(options, 'digits'),
      pin: await optionalSecret(invocation, 'pin'),
    })
    return { value, text: tokenTable([value]) }
  },
}

const list: Command = {
  path: ['token', 'list'],
  about: 'Lists the tokens of a user, of a realm, or of everybody.',
  options: {
    user: { value: '<user>', about: 'only those of this user' },
    realm: { value: '<realm>', about: 'only those of this realm' },
    serial: { value: '<serial>', about: 'only this one' },
    ...PAGE_OPTIONS,
  },
  examples: [
    'npx otpost token list --user alice',
    'npx otpost token list --realm staff --limit 1000 --stage prod --json',
  ],
  async run({ options, target }) {
    const args = textOptions(options, ['user', 'realm', 'serial'])
    const page = await readListing<TokenView>(await target(), 'token.list', args, options)
    const text = tokenTable(page.items) + moreHint(page.next)
    return { value: { tokens: page.items, next: page.next }, text }
  },
}

const setPin: Command = {
  path: ['token', 'set-pin'],
  about: 'Sets the PIN of a token; an empty one removes it.',
  operands: [{ name: 'serial' }],
  options: secretOptions('pin'),
  notes: 'The PIN is asked for unless an option gives it.',
  examples: [
    'npx otpost token set-pin EM00000001',
    'printf 4711 | npx otpost token set-pin EM00000001 --pin-stdin --stage prod',
  ],
  async run(invocation) {
    const target = await invocation.target()
    const args = { serial: invocation.operands[0], pin: await requiredSecret(invocation, 'pin') }
    const value = await call<TokenView>(target, 'token.setpin', args)
    return { value, text: tokenTable([value]) }
  },
}

type Verb = 'enable' | 'disable' | 'reset' | 'revoke'

/** A command that changes one token and shows it. */
const changing = (verb: Verb, about: string): Command => ({
  path: ['token', verb],
  about,
  operands: [{ name: 'serial' }],
  examples: [
    `npx otpost token ${verb} EM00000001`,
    `npx otpost token ${verb} EM00000001 --stage prod --json`,
  ],
  async run({ operands: [serial], target }) {
    const value = await call<TokenView & { changed: boolean }>(await target(), `token.${verb}`, {
      serial,
    })
    const unchanged = value.changed ? '' : 'Nothing had to be changed.\n'
    return { value, text: unchanged + tokenTable([value]) }
  },
})

const remove: Command = {
  path: ['token', 'delete'],
  about: 'Deletes a token.',
  operands: [{ name: 'serial' }],
  examples: [
    'npx otpost token delete EM00000001',
    'npx otpost token delete EM00000001 --stage prod --json',
  ],
  async run({ operands: [serial], target }) {
    const value = await call(await target(), 'token.delete', { serial })
    return { value, text: `Deleted ${serial}.\n` }
  },
}

export const TOKEN_COMMANDS = [
  enrol,
  list,
  changing('enable', 'Enables a token.'),
  changing('disable', 'Disables a token until it is enabled again.'),
  changing('reset', "Ends a lock: the token's failures and the user's run of wrong answers."),
  changing('revoke', 'Ends the use of a token for good.'),
  remove,
  setPin,
]
