/** `/linotp/system/…Config`: parameters and providers by the keys of LinOTP's configuration. */
import type { SettingChange } from '../../core/edit-settings.ts'
import { MASK } from '../../core/masked.ts'
import { changesFor, movesPassword } from '../../core/parameter-changes.ts'
import * as providers from '../../core/providers.ts'
import { isSecret } from '../../core/settings-schema.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import {
  linotpAdmin,
  type LinotpAdminCall,
  type LinotpAdminHandler,
  type LinotpAdminRoute,
} from './admin-route.ts'
import {
  DEFAULT_KEY,
  type Key,
  keyOf,
  type ProviderPart,
  providerKey,
  readKey,
} from './config-keys.ts'
import { edit } from './edit.ts'
import { value } from './envelope.ts'
import { describedProvider, viewOf } from './provider-words.ts'
import { refusal } from './refused.ts'
import { finish } from './system-providers.ts'

/** What belongs to the request and is no key. */
const OTHERS = ['session', 'csrf_token', 'httperror']

const set: LinotpAdminHandler = async (ports, call) => {
  const { parameters, frame } = call
  call.caller.require('configwrite')
  const key = parameters.text('key')
  if (key !== undefined) {
    const text = parameters.scalar('value')
    if (text === undefined) throw new MalformedRequestError('Missing parameter: value', 'value')
    await change(ports, call, [[key, text]])
    return value({ [`setConfig ${key}`]: true }, {}, frame)
  }
  const given = await givenKeys(parameters)
  await change(ports, call, given)
  const told = given.map(([name, text]) => [`setConfig ${name}:${shownText(name, text)}`, true])
  return value(Object.fromEntries(told), {}, frame)
}

async function givenKeys(parameters: Parameters): Promise<[string, string][]> {
  const given: [string, string][] = []
  for (const name of parameters.names().filter((each) => !OTHERS.includes(each))) {
    given.push([name, parameters.scalar(name) ?? ''])
  }
  if (given.length > 0) return given
  throw new MalformedRequestError('Missing parameter: key', 'key')
}

/** LinOTP repeats the value; what may hold a password is not repeated. */
function shownText(name: string, text: string): string {
  const key = readKey(name)
  const hidden =
    key?.about === 'parameter'
      ? isSecret(key.name)
      : key?.about === 'provider' && key.part === 'config'
  return hidden ? MASK : text
}

type Parts = Partial<Record<ProviderPart, string>>

/** Sorts the keys, then changes parameters together, providers one by one, and the default. */
async function change(
  ports: AdminPorts,
  { caller }: LinotpAdminCall,
  given: readonly (readonly [key: string, text: string])[],
): Promise<void> {
  const keys = given.map(([key, text]) => [required(key), text] as const)
  if (keys.some(([{ about }]) => about !== 'parameter')) caller.require('smtpserver_write')
  const parameters: SettingChange[] = []
  const parts = new Map<string, Parts>()
  let wanted: string | undefined
  for (const [key, text] of keys) {
    if (key.about === 'parameter') parameters.push(...changesFor(key.name, text))
    else if (key.about === 'default') wanted = text
    else parts.set(key.name, { ...parts.get(key.name), [key.part]: text })
  }
  await changeParameters(ports, parameters)
  for (const [name, one] of parts) await changeProvider(ports, name, one)
  if (wanted !== undefined) finish(await providers.setDefault(ports, wanted))
}

function required(text: string): Key {
  const key = readKey(text)
  if (key) return key
  throw refusal(905, `${text.slice(0, 64)} is not a setting of Otpost.`)
}

async function changeParameters(ports: AdminPorts, changes: SettingChange[]): Promise<void> {
  if (changes.length === 0) return
  const moved = movesPassword(await ports.parameters.list(), changes)
  if (moved !== undefined) {
    throw refusal(905, `email.password is missing; it must be given again when ${moved} changes.`)
  }
  await edit(ports, changes)
}

async function changeProvider(ports: AdminPorts, name: string, parts: Parts): Promise<void> {
  const { settings } = await providers.storedState(ports)
  const { class: className = '', config, timeout = '' } = parts
  const stored = settings.providers.get(name)
  const described = describedProvider({ className, config, timeout }, stored)
  finish(await providers.setProvider(ports, { name, ...described, asDefault: 'if none' }))
}

const get: LinotpAdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('configread')
  const all = await shown(ports, caller.may('smtpserver_read'))
  const key = parameters.named('key')
  if (key === undefined) return value(all, {}, frame)
  const name = canonical(key)
  const found = Object.hasOwn(all, name) ? all[name]! : null
  return value({ [`getConfig ${key}`]: found }, {}, frame)
}

/** The key as a listing has it; the keys of old are those of `imported_default`. */
function canonical(text: string): string {
  const key = readKey(text)
  if (key === undefined) return text
  if (key.about === 'default') return DEFAULT_KEY
  return key.about === 'parameter' ? keyOf(key.name) : providerKey(key.name, key.part)
}

/** Everything that is set, by its key. Secrets are masked. */
async function shown(ports: AdminPorts, withProviders: boolean): Promise<Record<string, string>> {
  const { values, secrets } = await ports.parameters.list()
  const masked = Object.keys(secrets).map((name) => [name, MASK] as const)
  const parameters = [...Object.entries(values), ...masked]
    .filter(([name]) => readKey(name)?.about === 'parameter')
    .map(([name, text]) => [keyOf(name), isSecret(name) ? MASK : text] as const)
  const all = withProviders ? [...parameters, ...(await providerKeys(ports))] : parameters
  return Object.fromEntries(all)
}

async function providerKeys(ports: AdminPorts): Promise<(readonly [string, string])[]> {
  const { settings } = await providers.storedState(ports)
  const [first] = settings['email.identifier']
  const keys = [...settings.providers].flatMap(([name, provider]) => {
    const { Class, Config, Timeout } = viewOf(settings, name, provider)
    return [
      [providerKey(name, 'class'), Class] as const,
      ...(Config === undefined ? [] : [[providerKey(name, 'config'), Config] as const]),
      [providerKey(name, 'timeout'), Timeout] as const,
    ]
  })
  return first === undefined ? keys : [...keys, [DEFAULT_KEY, first] as const]
}

/** Back to the default; a provider goes as a whole. */
const remove: LinotpAdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('configdelete')
  const text = parameters.required('key')
  const key = required(text)
  if (key.about !== 'parameter') caller.require('smtpserver_write')
  if (key.about === 'parameter') await changeParameters(ports, changesFor(key.name, ''))
  else if (key.about === 'default') finish(await providers.setDefaults(ports, []))
  else finish(await providers.deleteProvider(ports, key.name))
  return value({ [`delConfig ${text}`]: true }, {}, frame)
}

export const LINOTP_CONFIG_ROUTES: LinotpAdminRoute[] = [
  linotpAdmin('POST', '/linotp/system/setConfig', set),
  linotpAdmin('GET', '/linotp/system/getConfig', get),
  linotpAdmin('POST', '/linotp/system/delConfig', remove),
]
