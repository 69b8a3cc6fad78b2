/** `/realm/…`, `/defaultrealm` and `/resolver/…`: where users are looked for. */
import { BUILT_IN } from '../../core/directory.ts'
import { fromLdapResolver, LDAP_RESOLVER } from '../../core/privacyidea-resolver.ts'
import { showResolver } from '../../core/resolver-view.ts'
import {
  deleteResolver as removeResolver,
  setResolver as putResolver,
} from '../../core/resolvers.ts'
import type { Settings } from '../../core/settings.ts'
import { REALMS } from '../../core/settings-schema.ts'
import type { Parameters } from '../parameters.ts'
import { adminRoute, type AdminHandler, type AdminRoute, valueReply } from './admin-route.ts'
import { edit, requireInForce } from './edit.ts'
import { unknownName, unusable } from './refused.ts'

function realmView(name: string, settings: Settings) {
  const resolver = settings.resolvers.get(name)!.map((one) => ({
    name: one,
    node: '',
    priority: null,
    type: settings.directories.get(one)?.type ?? BUILT_IN,
  }))
  return { default: name === settings['realm.default'], id: 1, option: '', resolver }
}

const listRealms: AdminHandler = async (_, { caller, frame }) => {
  const { settings } = caller
  const names = [...settings.realms].sort()
  const realms = names.map((name) => [name, realmView(name, settings)] as const)
  return valueReply(Object.fromEntries(realms), frame)
}

/** Resolvers that do not exist are told and left out; without any of the others nothing is made. */
const setRealm: AdminHandler = async (ports, { caller, parameters, path, frame }) => {
  caller.require('mresolverwrite')
  const names = parameters.listed('resolvers')
  const known = names.filter((name) => caller.settings.directories.has(name))
  const failed = names.filter((name) => !known.includes(name))
  if (known.length > 0) {
    await edit(ports, [{ name: REALMS + realmIn(path), value: known.join(',') }])
  }
  return valueReply({ added: known, failed }, frame)
}

const deleteRealm: AdminHandler = async (ports, { caller, path, frame }) => {
  caller.require('mresolverdelete')
  const name = realmIn(path)
  if (!caller.settings.realms.has(name)) throw unknownName('realm', name)
  const isDefault = name === caller.settings['realm.default']
  await edit(ports, [
    { name: REALMS + name, value: undefined },
    ...(isDefault ? [{ name: 'realm.default', value: undefined }] : []),
  ])
  return valueReply(1, frame)
}

const defaultRealm: AdminHandler = async (_, { caller, frame }) => {
  const name = caller.settings['realm.default']
  return valueReply({ [name]: realmView(name, caller.settings) }, frame)
}

const setDefaultRealm: AdminHandler = async (ports, { caller, path, frame }) => {
  caller.require('mresolverwrite')
  const name = realmIn(path)
  if (!caller.settings.realms.has(name)) throw unknownName('realm', name)
  await edit(ports, [{ name: 'realm.default', value: name }])
  return valueReply(1, frame)
}

const clearDefaultRealm: AdminHandler = async (ports, { caller, frame }) => {
  caller.require('mresolverdelete')
  await edit(ports, [{ name: 'realm.default', value: undefined }])
  return valueReply(1, frame)
}

const realmIn = (path: Record<string, string>) => path.realm!.toLowerCase()

function resolverView(name: string, settings: Settings) {
  const { type, members } = showResolver(settings, name)!
  return {
    censor_keys: 'password' in members ? ['password'] : [],
    data: members,
    resolvername: name,
    type,
  }
}

const listResolvers: AdminHandler = async (_, { caller, frame }) => {
  caller.require('resolverread')
  const { directories } = caller.settings
  const views = [...directories.keys()].map((name) => [name, resolverView(name, caller.settings)])
  return valueReply(Object.fromEntries(views), frame)
}

const getResolver: AdminHandler = async (_, { caller, path, frame }) => {
  caller.require('resolverread')
  const name = path.resolver!
  const known = caller.settings.directories.has(name)
  return valueReply(known ? { [name]: resolverView(name, caller.settings) } : {}, frame)
}

const setResolver: AdminHandler = async (ports, { caller, parameters, path, frame }) => {
  caller.require('resolverwrite')
  const name = path.resolver!
  if (name === BUILT_IN) throw unusable(`resolver ${BUILT_IN} is always there and stays as it is.`)
  const result = await putResolver(ports, { name, ...describedBy(parameters) })
  if (result.outcome === 'unknown' || result.outcome === 'in use')
    throw unknownName('resolver', name)
  requireInForce(result)
  return valueReply(1, frame)
}

/** The members of our own kinds of resolver; attributes as JSON. */
const MEMBERS = [
  ...['uri', 'starttls', 'bind_dn', 'base_dn', 'scope', 'login_attribute', 'filter', 'timeout'],
  ...['size_limit', 'ca', 'user_pool_id', 'client_id', 'unverified'],
]

function describedBy(parameters: Parameters) {
  const given = (names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => namedIn(parameters, name)))
  const type = parameters.required('type')
  if (type === 'ldapresolver') {
    const reading = fromLdapResolver(given(LDAP_RESOLVER))
    if ('refused' in reading) throw unusable(`resolver ${reading.refused}.`)
    return reading.value
  }
  const attributes = parameters.text('attributes')
  const named = attributes ? { attributes: attributesIn(attributes) } : {}
  const remote = type === 'ldap' || type === 'cognito'
  const members = { type, ...(remote ? { ...given(MEMBERS), ...named } : {}) }
  return { members, password: parameters.text('password') }
}

function namedIn(parameters: Parameters, name: string): [string, string][] {
  const text = parameters.text(name)
  return text === undefined || text === '' ? [] : [[name, text]]
}

function attributesIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unusable('attributes is not JSON.')
  }
}

const deleteResolver: AdminHandler = async (ports, { caller, path, frame }) => {
  caller.require('resolverdelete')
  const name = path.resolver!
  if (!caller.settings.directories.has(name) || name === BUILT_IN) {
    throw unknownName('resolver', name)
  }
  const result = await removeResolver(ports, name)
  if (result.outcome === 'unknown') throw unknownName('resolver', name)
  if (result.outcome === 'in use') {
    throw unusable(`resolver ${name} is used by the realm ${result.by[0]}.`)
  }
  requireInForce(result)
  return valueReply(1, frame)
}

/** A path with and without its last slash. */
const both = (method: string, path: string, handle: AdminHandler): AdminRoute[] => [
  adminRoute(method, path, handle),
  adminRoute(method, `${path}/`, handle),
]

export const REALM_ROUTES: AdminRoute[] = [
  ...both('GET', '/realm', listRealms),
  adminRoute('POST', '/realm/{realm}', setRealm),
  adminRoute('DELETE', '/realm/{realm}', deleteRealm),
  ...both('GET', '/defaultrealm', defaultRealm),
  ...both('DELETE', '/defaultrealm', clearDefaultRealm),
  adminRoute('POST', '/defaultrealm/{realm}', setDefaultRealm),
  ...both('GET', '/resolver', listResolvers),
  adminRoute('GET', '/resolver/{resolver}', getResolver),
  adminRoute('POST', '/resolver/{resolver}', setResolver),
  adminRoute('DELETE', '/resolver/{resolver}', deleteResolver),
]
