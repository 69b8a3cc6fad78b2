/** `/user/…`: the users of the built-in directory. */
import { type Account, accountKey } from '../../core/account.ts'
import { sameMailbox } from '../../core/address/address-key.ts'
import { resolverOf } from '../../core/directory.ts'
import { nameOf } from '../../core/find-account.ts'
import { addressTraces } from '../../core/registration/address-trace.ts'
import type { Settings } from '../../core/settings.ts'
import {
  addUser,
  allUsers,
  newUser,
  passwordHash,
  type Profile,
  removeUser,
  updateUser,
} from '../../core/users.ts'
import { fitsWildcard } from '../../core/wildcard.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import { type AddressOf, profileAddress } from '../typed-address.ts'
import type { AdminPorts } from './admin-ports.ts'
import {
  type AdminCall,
  type AdminHandler,
  type AdminRoute,
  adminRoute,
  sharedRoute,
  valueReply,
} from './admin-route.ts'
import { forbidden, unknownUser, unusable } from './refused.ts'

const NAMES = ['givenname', 'surname', 'phone', 'mobile'] as const

const userView = (account: Account & { login: string }, settings: Settings) => ({
  description: '',
  editable: true,
  email: account.email ?? '',
  givenname: account.givenname ?? '',
  mobile: account.mobile ?? '',
  phone: account.phone ?? '',
  resolver: resolverOf(account, settings),
  surname: account.surname ?? '',
  userid: account.login,
  username: account.login,
})

const FILTERS = [...NAMES, 'email', 'resolver', 'userid', 'username'] as const

const list: AdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('userlist')
  const { account: self, settings } = caller
  const realm = parameters.named('realm')?.toLowerCase()
  const filters = FILTERS.flatMap((name) => {
    const pattern = parameters.named(name === 'username' && !parameters.has(name) ? 'user' : name)
    return pattern === undefined ? [] : [{ name, pattern }]
  })
  const found = []
  for await (const account of self ? [{ ...self, login: self.login! }] : allUsers(ports.accounts)) {
    if (realm !== undefined && !self && !fitsWildcard(realm, account.realm)) continue
    if (!self && !caller.may('userlist', account)) continue
    const view = userView(account, settings)
    if (filters.every(({ name, pattern }) => fitsWildcard(pattern, view[name]))) found.push(view)
  }
  return valueReply(found.sort(byName), frame)
}

const byName = (a: { username: string }, b: { username: string }) =>
  a.username < b.username ? -1 : 1

const add: AdminHandler = async (ports, { caller, parameters, frame, request }) => {
  const { login, realm } = subject(parameters.required('user'), parameters, caller.settings)
  const resolver = parameters.named('resolver')
  caller.require('adduser', { realm, ...(resolver === undefined ? {} : { resolver }) })
  const account = newUser(realm, login, resolver ? { resolver } : {})
  const profile = {
    ...(await readAddress(ports, parameters, { account, request })),
    ...(await readProfile(ports, parameters)),
    ...(resolver ? { resolver } : {}),
  }
  if (!(await addUser(ports, realm, login, profile))) {
    throw unusable(`user ${login} exists in realm ${realm}.`)
  }
  request.target = { login, realm }
  return valueReply(login, frame, { user_id: login })
}

const change: AdminHandler = async (ports, call) => {
  const { caller, parameters, frame } = call
  const account = caller.account ?? (await named(ports, call, parameters.required('user')))
  caller.require('updateuser', account)
  const address = caller.account
    ? assertTheirs(parameters, account)
    : await readAddress(ports, parameters, { account, request: call.request })
  const profile: Profile = { ...address, ...(await readProfile(ports, parameters)) }
  await updateUser(ports, account.realm, account.login!, profile)
  if (profile.email) {
    call.request.addresses = await addressTraces(ports, account.email, profile.email)
  }
  return valueReply(true, frame, {})
}

/**
 * Users may say the address they have and no other: it would get their codes, and mail at all, without
 * having proven itself, and with none a login would ask for one.
 */
function assertTheirs(parameters: Parameters, { email = '' }: Account): { email?: never } {
  const said = parameters.text('email')?.trim()
  const same = said === undefined || said === email || (said && email && sameMailbox(said, email))
  if (!same) throw forbidden(THEIRS)
  return {}
}

const THEIRS = 'Users change their address where it proves itself: POST /v1/self/address.'

const remove: AdminHandler = async (ports, call) => {
  const account = await named(ports, call, call.path.user!)
  call.caller.require('deleteuser', account)
  return valueReply(await removeUser(ports, account.realm, account.login!), call.frame)
}

async function named(
  ports: AdminPorts,
  { caller, parameters, path, request }: AdminCall,
  user: string,
): Promise<Account> {
  const { login, realm } = subject(user, parameters, caller.settings, path.resolver)
  const account = await ports.accounts.get(accountKey(realm, login))
  if (!account) throw unknownUser()
  request.target = { login, realm }
  return account
}

/** Login and realm; without a realm the first one that has the resolver. */
function subject(
  user: string,
  parameters: Parameters,
  settings: Settings,
  resolver = parameters.named('resolver'),
) {
  const who = nameOf(user, parameters.named('realm') ?? realmWith(resolver, settings), settings)
  if (settings.realms.has(who.realm)) return who
  throw new MalformedRequestError(
    `realm ${who.realm} does not exist; declare it by the parameter realms/${who.realm}.`,
    'realm',
  )
}

function realmWith(resolver: string | undefined, { resolvers, ...settings }: Settings) {
  if (resolver === undefined) return undefined
  const having = [...resolvers]
    .filter(([, names]) => names.includes(resolver))
    .map(([name]) => name)
  if (having.includes(settings['realm.default'])) return settings['realm.default']
  if (having.length > 0) return having[0]
  throw new MalformedRequestError(`resolver ${resolver} is in no realm.`, 'resolver')
}

/** What is given of a user but the address; the empty string removes. */
async function readProfile(ports: AdminPorts, parameters: Parameters): Promise<Profile> {
  const texts = NAMES.filter((name) => parameters.has(name)).map(
    (name) => [name, parameters.named(name)] as const,
  )
  const password = parameters.text('password')
  return {
    ...Object.fromEntries(texts),
    ...(password === undefined ? {} : { password: await passwordHash(ports, password) }),
  }
}

/** The address that is given; the empty string removes it. */
async function readAddress(
  ports: AdminPorts,
  parameters: Parameters,
  of: AddressOf,
): Promise<Pick<Profile, 'email'>> {
  const email = parameters.text('email')
  return email === undefined ? {} : { email: await profileAddress(ports, email, of) }
}

export const USER_ROUTES: AdminRoute[] = [
  sharedRoute('GET', '/user/', list),
  sharedRoute('GET', '/user', list),
  adminRoute('POST', '/user/', add),
  adminRoute('POST', '/user', add),
  sharedRoute('PUT', '/user/', change),
  sharedRoute('PUT', '/user', change),
  adminRoute('DELETE', '/user/{resolver}/{user}', remove),
]
