/** `/system/…`: parameters by the names of the reference. */
import type { SettingChange } from '../../core/edit-settings.ts'
import { changesFor, movesPassword } from '../../core/parameter-changes.ts'
import type { ParameterTree } from '../../core/publish-settings.ts'
import { MalformedRequestError } from '../errors.ts'
import type { AdminPorts } from './admin-ports.ts'
import {
  type AdminCall,
  adminRoute,
  type AdminHandler,
  type AdminRoute,
  valueReply,
} from './admin-route.ts'
import { keyOf, parameterOf } from './config-names.ts'
import { edit } from './edit.ts'
import { MASK } from './masked.ts'
import { unusable } from './refused.ts'
import { readRecipient, readServer, sendTest } from './smtp-test.ts'

const list: AdminHandler = async ({ parameters, snapshots }, { caller, frame }) => {
  caller.require('configread')
  const { snapshot } = await snapshots.load()
  const changedAt = { __timestamp__: ((snapshot?.publishedAt ?? 0) / 1000).toFixed(6) }
  return valueReply({ ...shown(await parameters.list()), ...changedAt }, frame)
}

/** Everything that is set and is a parameter of this route, by its key. */
function shown({ values, secrets }: ParameterTree): Record<string, string> {
  const masked = Object.keys(secrets).map((name) => [name, MASK] as const)
  const entries = [...Object.entries(values), ...masked]
    .filter(([name]) => parameterOf(name) !== undefined)
    .map(([name, value]) => [keyOf(name), value] as const)
  return Object.fromEntries(entries)
}

const get: AdminHandler = async ({ parameters }, { caller, path, frame }) => {
  caller.require('configread')
  const tree = shown(await parameters.list())
  const key = path.key!
  return valueReply(Object.hasOwn(tree, key) ? tree[key] : null, frame)
}

const setMany: AdminHandler = async (ports, call) => {
  const { parameters, frame } = call
  const given = parameters.names().map((key) => [key, parameters.scalar(key) ?? ''] as const)
  return valueReply(await set(ports, call, given), frame)
}

const setOne: AdminHandler = async (ports, call) => {
  const { parameters, path, frame } = call
  const value = parameters.scalar('value')
  if (value === undefined) throw new MalformedRequestError('Missing parameter: value', 'value')
  const outcome = await set(ports, call, [[path.key!, value]])
  return valueReply(outcome[path.key!], frame)
}

/** Sets parameters together; tells which there were before. */
async function set(
  ports: AdminPorts,
  { caller }: AdminCall,
  given: readonly (readonly [key: string, value: string])[],
): Promise<Record<string, 'insert' | 'update'>> {
  caller.require('configwrite')
  const tree = await ports.parameters.list()
  const before = shown(tree)
  const changes = given.flatMap(([key, value]) => changesOf(key, value))
  keepPasswordHome(tree, changes)
  await edit(ports, changes, keyOf)
  return Object.fromEntries(
    given.map(([key]) => [key, Object.hasOwn(before, key) ? 'update' : 'insert'] as const),
  )
}

/** The changes that a key and its value mean. */
function changesOf(key: string, value: string): SettingChange[] {
  const name = parameterOf(key)
  if (name === undefined) throw unusable(`${key.slice(0, 64)} is not a setting of Otpost.`)
  return changesFor(name, value)
}

function keepPasswordHome(tree: ParameterTree, changes: SettingChange[]): void {
  const moved = movesPassword(tree, changes)
  if (moved === undefined) return
  throw unusable(`email.password is missing; it must be given again when ${moved} changes.`)
}

const remove: AdminHandler = async (ports, { caller, path, frame }) => {
  caller.require('configdelete')
  const key = path.key!
  const name = parameterOf(key)
  if (name === undefined) throw unusable(`${key.slice(0, 64)} is not a setting of Otpost.`)
  const tree = await ports.parameters.list()
  const known = Object.hasOwn(shown(tree), keyOf(name))
  if (known) {
    const changes = changesFor(name, '')
    keepPasswordHome(tree, changes)
    await edit(ports, changes, keyOf)
  }
  return valueReply(known ? 1 : 0, frame)
}

/** Tries a mail server as the `email.*` parameters would describe it. */
const testMail: AdminHandler = async (ports, call) => {
  call.caller.require('configwrite')
  const { parameters } = call
  const provider = readServer(parameters, {
    server: 'email.mailserver',
    port: 'email.port',
    tls: 'email.tls',
    username: 'email.username',
    sender: 'email.mailfrom',
  })
  const password = parameters.text('email.password')
  const to = readRecipient(parameters, 'email.recipient')
  const sent = await sendTest(ports, { identifier: '', provider, password, to })
  const message = sent.sent
    ? 'Successfully sent email. Please check your inbox.'
    : `The e-mail was not sent: ${sent.reply}`
  return valueReply(sent.sent, call.frame, { message })
}

export const SYSTEM_ROUTES: AdminRoute[] = [
  adminRoute('GET', '/system/', list),
  adminRoute('GET', '/system', list),
  adminRoute('POST', '/system/setConfig', setMany),
  adminRoute('POST', '/system/test/email', testMail),
  adminRoute('GET', '/system/{key}', get),
  adminRoute('POST', '/system/{key}', setOne),
  adminRoute('DELETE', '/system/{key}', remove),
]
