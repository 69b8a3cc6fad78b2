import type { userDetail, userView } from '../../../functions/core/operator/views.ts'
import type { Command, Invocation, Option } from '../command.ts'
import { UsageError } from '../errors.ts'
import { textOption, textOptions } from '../options.ts'
import { optionalSecret, optionalSecretOptions } from '../secrets.ts'
import { call } from '../target.ts'
import { details, table } from '../text.ts'
import { moreHint, PAGE_OPTIONS, readListing } from './listing.ts'
import { tokenTable } from './token-table.ts'

type User = ReturnType<typeof userView>
type UserDetail = ReturnType<typeof userDetail>

const REALM: Record<string, Option> = {
  realm: { value: '<realm>', about: "the user's realm; realm.default unless given" },
}
const PROFILE: Record<string, Option> = {
  email: { value: '<address>', about: 'where codes go' },
  givenname: { value: '<name>', about: 'given name' },
  surname: { value: '<name>', about: 'surname' },
  phone: { value: '<number>', about: 'telephone' },
  mobile: { value: '<number>', about: 'mobile telephone' },
  locale: { value: '<tag>', about: 'the language of mails to this person, such as de or zh-CN' },
}
const GIVEN = ['realm', ...Object.keys(PROFILE)]

const add: Command = {
  path: ['user', 'add'],
  about: 'Adds a user.',
  operands: [{ name: 'user' }],
  options: { ...REALM, ...PROFILE, ...optionalSecretOptions('password') },
  examples: [
    'npx otpost user add alice --email alice@example.org --givenname Alice',
    'npx otpost user add bob --realm staff --email bob@example.org --stage prod',
  ],
  run: (invocation) => put(invocation, 'user.add'),
}

const update: Command = {
  path: ['user', 'update'],
  about: 'Changes what is given of a user; an empty value removes it.',
  operands: [{ name: 'user' }],
  options: { ...REALM, ...PROFILE, ...optionalSecretOptions('password') },
  examples: [
    'npx otpost user update alice --email alice@new.example',
    "npx otpost user update bob --realm staff --phone '' --stage prod",
  ],
  run: (invocation) => put(invocation, 'user.update'),
}

async function put(invocation: Invocation, command: 'user.add' | 'user.update') {
  const { operands, options } = invocation
  const target = await invocation.target()
  const password = await optionalSecret(invocation, 'password')
  const given = textOptions(options, GIVEN)
  const value = await call<UserDetail>(target, command, { user: operands[0], ...given, password })
  return { value, text: userText(value) }
}

const show: Command = {
  path: ['user', 'show'],
  about: 'Shows a user with tokens, and what keeps them from logging in.',
  operands: [{ name: 'user' }],
  options: REALM,
  examples: [
    'npx otpost user show alice',
    'npx otpost user show bob --realm staff --stage prod --json',
  ],
  async run({ operands: [user], options, target }) {
    const args = { user, ...textOptions(options, ['realm']) }
    const value = await call<UserDetail>(await target(), 'user.show', args)
    return { value, text: userText(value) }
  },
}

function userText({ tokens, ...user }: UserDetail): string {
  return `${details({
    user: user.user,
    realm: user.realm,
    'e-mail': user.email,
    ...addressLines(user),
    'given name': user.givenname,
    surname: user.surname,
    phone: user.phone,
    mobile: user.mobile,
    language: user.locale,
    password: user.has_password,
    import: user.import,
    'wrong answers in 24 h': user.wrong_answers_today,
    'wrong answers in a row': user.wrong_answers_in_a_row,
    locked: user.locked,
  })}\nTokens:\n${tokenTable(tokens)}`
}

const address: Command = {
  path: ['user', 'address'],
  about:
    'Shows the address of a user, or changes it: --request has a code mailed to a new one; --set takes ' +
    'one without a code; --restore goes back to the one before, also after a dispute.',
  operands: [{ name: 'user' }],
  options: {
    ...REALM,
    request: { value: '<address>', about: 'have the user prove this address by a code' },
    set: { value: '<address>', about: 'use this address at once; needs --verified' },
    verified: { about: 'with --set: you vouch that it is theirs' },
    forget: { about: 'forget the address that waits for its code' },
    restore: { about: 'go back to the address before' },
  },
  examples: [
    'npx otpost user address alice',
    'npx otpost user address alice --request alice@new.example',
    'npx otpost user address alice --set alice@new.example --verified --stage prod',
    'npx otpost user address alice --restore',
  ],
  async run({ operands: [user], options, target }) {
    const acts = ['request', 'set', 'forget', 'restore'].filter((name) => options[name])
    if (acts.length > 1) throw new UsageError(`Give one of --${acts.join(' and --')}.`)
    const [act = 'show'] = acts
    if ((act === 'set') !== Boolean(options.verified)) {
      throw new UsageError('--set and --verified belong together; --request has a code mailed.')
    }
    const given = textOptions(options, ['realm'])
    const mailbox = textOption(options, act)
    const args = { user, ...given, ...(mailbox === undefined ? {} : { address: mailbox }) }
    const value = await call<UserAddress>(await target(), `user.address.${act}`, args)
    const { user: name, realm, email } = value
    return { value, text: details({ user: name, realm, 'e-mail': email, ...addressLines(value) }) }
  },
}

type AddressState = Pick<
  UserDetail,
  'email' | 'email_verified' | 'pending_address' | 'former_address' | 'address_disputed'
>
type UserAddress = AddressState & Pick<UserDetail, 'user' | 'realm'>

function addressLines(state: AddressState) {
  const { email_verified: proven, pending_address: pending, former_address: former } = state
  return {
    confirmed: proven ? `${proven.at} (${proven.method})` : state.email && 'no',
    'waits for its code': pending && `${pending.address} until ${pending.expires_at}`,
    'address before': former && `${former.address}, can be disputed until ${former.until}`,
    disputed: state.address_disputed ? 'yes: --restore, or leave its tokens disabled' : undefined,
  }
}

const list: Command = {
  path: ['user', 'list'],
  about: 'Lists users, in no particular order.',
  options: { realm: { value: '<realm>', about: 'only those of this realm' }, ...PAGE_OPTIONS },
  examples: [
    'npx otpost user list --realm demo',
    'npx otpost user list --limit 1000 --stage prod --json',
  ],
  async run({ options, target }) {
    const args = { realm: textOption(options, 'realm') }
    const { items, next } = await readListing<User>(await target(), 'user.list', args, options)
    const rows = items.map((one) => [one.user, one.realm, one.email, one.tokens])
    const text = table(['USER', 'REALM', 'E-MAIL', 'TOKENS'], rows) + moreHint(next)
    return { value: { users: items, next }, text }
  },
}

const remove: Command = {
  path: ['user', 'remove'],
  about: 'Removes a user with all tokens.',
  operands: [{ name: 'user' }],
  options: REALM,
  examples: ['npx otpost user remove bob', 'npx otpost user remove bob --realm staff --stage prod'],
  async run({ operands: [user], options, target }) {
    const args = { user, ...textOptions(options, ['realm']) }
    const value = await call(await target(), 'user.remove', args)
    return { value, text: `Removed ${user}.\n` }
  },
}

export const USER_COMMANDS = [add, update, show, address, list, remove]
