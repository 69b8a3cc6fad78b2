/** `/realm/…`, `/defaultrealm` and `/resolver/…`: where users are looked for. */
import { BUILT_IN, directory, formatDirectory } from '../../core/directory.ts'
import type { Settings } from '../../core/settings.ts'
import { REALMS, RESOLVERS } from '../../core/settings-schema.ts'
import { adminRoute, type AdminHandler, type AdminRoute, valueReply } from './admin-route.ts'
import { edit } from './edit.ts'
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

const resolverView = (name: string, { directories }: Settings) => ({
  censor_keys: [],
  data: {},
  resolvername: name,
  type: directories.get(name)!.type,
})

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
  const reading = directory.read(JSON.stringify({ type: parameters.required('type') }))
  if ('refused' in reading) throw unusable(`type ${reading.refused}.`)
  await edit(ports, [{ name: RESOLVERS + name, value: formatDirectory(reading.value) }])
  return valueReply(1, frame)
}

const deleteResolver: AdminHandler = async (ports, { caller, path, frame }) => {
  caller.require('resolverdelete')
  const name = path.resolver!
  const { directories, resolvers } = caller.settings
  if (!directories.has(name) || name === BUILT_IN) throw unknownName('resolver', name)
  const [realm] = [...resolvers].find(([, names]) => names.includes(name)) ?? []
  if (realm !== undefined) throw unusable(`resolver ${name} is used by the realm ${realm}.`)
  await edit(ports, [{ name: RESOLVERS + name, value: undefined }])
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
