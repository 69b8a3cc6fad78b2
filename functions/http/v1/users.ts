/** `/v1/users`: the users of the built-in directory. */
import { type Account, accountKey } from '../../core/account.ts'
import { nameOf } from '../../core/find-account.ts'
import type { AccountStore, Ports } from '../../core/ports.ts'
import { addressTraces } from '../../core/registration/address-trace.ts'
import { addressView } from '../../core/registration/address-view.ts'
import type { Settings } from '../../core/settings.ts'
import { addUser, newUser, removeUser, updateUser } from '../../core/users.ts'
import { MalformedRequestError } from '../errors.ts'
import { emptyReply, jsonReply } from '../reply.ts'
import { profileAddress } from '../typed-address.ts'
import { type JsonSchema, operation } from './operation.ts'
import { PAGE_QUERY, pageDoc, pageOf } from './page.ts'
import { realm, user } from './path-parameters.ts'
import { problem } from './problem.ts'
import type { MemberSchema } from './schema.ts'
import { ADDRESS_STATE } from './user-address.ts'

const PROFILE = {
  email: { type: 'string', format: 'idn-email', maxLength: 254, examples: ['alice@example.org'] },
  givenname: { type: 'string', maxLength: 255 },
  surname: { type: 'string', maxLength: 255 },
  phone: { type: 'string', maxLength: 64 },
  mobile: { type: 'string', maxLength: 64 },
  locale: {
    type: 'string',
    maxLength: 40,
    pattern: '^([A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4})?$',
    description: 'The language of mails to this person, such as de or zh-CN.',
    examples: ['de'],
  },
} as const satisfies Record<string, MemberSchema>

const PATH = '/v1/users/{realm}/{user}'
const NO_USER = { description: 'There is no such user.' }

const userSchema: JsonSchema = {
  title: 'User',
  type: 'object',
  properties: {
    user: { type: 'string' },
    realm: { type: 'string' },
    email: { type: 'string' },
    givenname: { type: 'string' },
    surname: { type: 'string' },
    phone: { type: 'string' },
    mobile: { type: 'string' },
    locale: { type: 'string' },
    ...ADDRESS_STATE,
    tokens: { type: 'array', items: { type: 'string' }, description: 'The serials of the tokens.' },
  },
  required: ['user', 'realm', 'tokens'],
}
const EXAMPLE = { user: 'alice', realm: 'default', email: 'alice@example.org' }
const ONE_USER = {
  description: 'The user.',
  schema: userSchema,
  example: { ...EXAMPLE, tokens: ['EM1A2B3C4D'] },
}

const userView = (account: Account, settings: Settings, now: number) => {
  const { login: user, realm, email, givenname, surname, phone, mobile, locale, tokens } = account
  return {
    ...{ user, realm, email, givenname, surname, phone, mobile, locale },
    ...addressView(account, settings, now),
    tokens: Object.keys(tokens),
  }
}

export const createUser = operation({
  id: 'createUser',
  method: 'POST',
  path: '/v1/users',
  tag: 'Users',
  summary: 'Add a user',
  access: 'admin',
  rights: () => ['adduser'],
  body: {
    title: 'NewUser',
    type: 'object',
    properties: { user, realm, ...PROFILE },
    required: ['user'],
    additionalProperties: false,
  },
  example: EXAMPLE,
  replies: {
    201: { ...ONE_USER, location: true, example: { ...EXAMPLE, tokens: [] } },
    409: { description: 'The realm has a user of that name.' },
  },
  async handle(ports: Ports, { request, body: { user, realm, ...profile } }) {
    const settings = await ports.settings.current()
    const name = nameOf(user, realm, settings)
    if (!settings.realms.has(name.realm)) {
      throw new MalformedRequestError('realm is not one of the realms of the settings.', 'realm')
    }
    const account = newUser(name.realm, name.login, {})
    const email = await profileAddress(ports, profile.email ?? '', { account, request })
    const told = { ...given(profile), ...(email ? { email } : {}) }
    if (!(await addUser(ports, name.realm, name.login, told))) return problem('user_exists')
    request.target = name
    const view = { user: name.login, realm: name.realm, ...told, tokens: [] }
    const location = `/v1/users/${encodeURIComponent(name.realm)}/${encodeURIComponent(name.login)}`
    return jsonReply(201, view, { location })
  },
})

export const listUsers = operation({
  id: 'listUsers',
  method: 'GET',
  path: '/v1/users',
  tag: 'Users',
  summary: 'List users',
  description: 'In the order of realm and name. Every page reads the whole directory.',
  access: 'admin',
  rights: () => ['userlist'],
  query: {
    type: 'object',
    properties: { realm: { ...realm, description: 'Only those of this realm.' }, ...PAGE_QUERY },
    additionalProperties: false,
  },
  replies: {
    200: pageDoc({
      ...{ title: 'Users', description: 'A page of users.', name: 'users' },
      ...{ item: userSchema, example: ONE_USER.example },
    }),
  },
  async handle({ accounts, settings, now }: Ports, { query: { realm, ...page } }) {
    const users = usersOf(accounts, realm?.toLowerCase())
    const { items, next_cursor } = await pageOf(users, ({ key }) => key, page)
    const current = await settings.current()
    const views = items.map((account) => userView(account, current, now()))
    return jsonReply(200, { users: views, next_cursor })
  },
})

async function* usersOf(accounts: AccountStore, realm: string | undefined) {
  for await (const account of accounts.all()) {
    if (account.login !== undefined && (!realm || account.realm === realm)) yield account
  }
}

export const readUser = operation({
  id: 'readUser',
  method: 'GET',
  path: PATH,
  tag: 'Users',
  summary: 'Look up a user',
  access: 'admin',
  rights: () => ['userlist'],
  replies: { 200: ONE_USER, 404: NO_USER },
  async handle(ports: Ports, { path }) {
    return replyWith(ports, await ports.accounts.get(keyOf(path)))
  },
})

export const changeUser = operation({
  id: 'changeUser',
  method: 'PATCH',
  path: PATH,
  tag: 'Users',
  summary: 'Change the profile of a user',
  description: 'Changes what is given. The empty string removes a member.',
  access: 'admin',
  rights: () => ['updateuser'],
  body: {
    title: 'UserChange',
    type: 'object',
    properties: PROFILE,
    additionalProperties: false,
  },
  example: { email: 'alice@example.com' },
  replies: { 200: ONE_USER, 404: NO_USER },
  async handle(ports: Ports, { path, request, body }) {
    const before = body.email ? await ports.accounts.get(keyOf(path)) : undefined
    if (before) await profileAddress(ports, body.email!, { account: before, request })
    const profile = Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, value || undefined]),
    )
    const changed = await updateUser(ports, path.realm!.toLowerCase(), path.user!, profile)
    if (changed && body.email) {
      request.addresses = await addressTraces(ports, before?.email, body.email)
    }
    return changed ? replyWith(ports, await ports.accounts.get(keyOf(path))) : problem('not_found')
  },
})

export const deleteUser = operation({
  id: 'deleteUser',
  method: 'DELETE',
  path: PATH,
  tag: 'Users',
  summary: 'Remove a user with all tokens',
  access: 'admin',
  rights: () => ['deleteuser'],
  replies: { 204: { description: 'Removed.' }, 404: NO_USER },
  async handle(ports: Ports, { path }) {
    const removed = await removeUser(ports, path.realm!.toLowerCase(), path.user!)
    return removed ? emptyReply() : problem('not_found')
  },
})

const keyOf = (path: Record<string, string>) => accountKey(path.realm!.toLowerCase(), path.user!)

const replyWith = async ({ settings, now }: Ports, account: Account | undefined) =>
  account
    ? jsonReply(200, userView(account, await settings.current(), now()))
    : problem('not_found')

const given = <T extends object>(profile: T): Partial<T> =>
  Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== '')) as Partial<T>
