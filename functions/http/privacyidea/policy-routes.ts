/** `/policy/…`: what holds for whom. */
import { ACTIONS } from '../../core/policy/actions.ts'
import { policyFromWire, toWire } from '../../core/policy/policy-wire.ts'
import { type Policy, SCOPES, type Scope } from '../../core/policy/policy.ts'
import { formatPolicy, storedName } from '../../core/policy/stored-policy.ts'
import { POLICIES } from '../../core/settings-schema.ts'
import type { AdminPorts } from './admin-ports.ts'
import {
  type AdminCall,
  adminRoute,
  type AdminHandler,
  type AdminRoute,
  valueReply,
} from './admin-route.ts'
import { edit } from './edit.ts'
import { unknownName, unusable } from './refused.ts'

const list: AdminHandler = async (_, { caller, parameters, frame }) => {
  caller.require('policyread')
  const [scope, realm] = [parameters.named('scope'), parameters.named('realm')]
  const active = parameters.has('active') ? parameters.flag('active') : undefined
  const wanted = caller.settings.policies.filter(
    (policy) =>
      (!scope || policy.scope === scope) &&
      (!realm || policy.realm.includes(realm.toLowerCase())) &&
      (active === undefined || policy.active === active),
  )
  return valueReply(wanted.map(toWire), frame)
}

const get: AdminHandler = async (_, { caller, path, frame }) => {
  caller.require('policyread')
  const found = caller.settings.policies.filter(({ name }) => name === path.name)
  return valueReply(found.map(toWire), frame)
}

const set: AdminHandler = async (ports, call) => {
  const { caller, parameters, path, frame } = call
  caller.require('policywrite')
  const name = path.name!
  const existing = caller.settings.policies.find((policy) => policy.name === name)
  const taken = caller.settings.policies.find((one) => storedName(one.name) === storedName(name))
  if (taken && !existing) throw unusable(`name ${name} is too like that of ${taken.name}.`)
  const parsed = policyFromWire(name, parameters.all(), existing)
  if ('refused' in parsed) {
    const { member, reason, accepted } = parsed.refused
    throw unusable(`${member} ${reason}. Accepted: ${accepted}.`)
  }
  await store(ports, parsed.policy)
  return valueReply({ [`setPolicy ${name}`]: 1 }, frame)
}

const store = (ports: AdminPorts, policy: Policy) =>
  edit(ports, [{ name: POLICIES + storedName(policy.name), value: formatPolicy(policy) }])

const switching =
  (active: boolean): AdminHandler =>
  async (ports, call) => {
    call.caller.require('policywrite')
    await store(ports, { ...named(call), active })
    return valueReply(1, call.frame)
  }

const remove: AdminHandler = async (ports, call) => {
  call.caller.require('policydelete')
  const { name } = named(call)
  await edit(ports, [{ name: POLICIES + storedName(name), value: undefined }])
  return valueReply(1, call.frame)
}

function named({ caller, path }: AdminCall): Policy {
  const found = caller.settings.policies.find(({ name }) => name === path.name)
  if (!found) throw unknownName('policy', path.name!)
  return found
}

/** The actions that have an effect here, with what they take. */
const definitions: AdminHandler = async (_, { caller, path, frame }) => {
  caller.require('policyread')
  const scopes = SCOPES.filter((scope) => Object.keys(ACTIONS[scope]).length > 0)
  if (path.scope === undefined) {
    return valueReply(Object.fromEntries(scopes.map((one) => [one, actionsOf(one)])), frame)
  }
  const scope = SCOPES.find((one) => one === path.scope)
  if (!scope) throw unknownName('scope', path.scope)
  return valueReply(actionsOf(scope), frame)
}

function actionsOf(scope: Scope) {
  const entries = Object.entries(ACTIONS[scope]).map(([name, kind]) => {
    const type = 'flag' in kind ? 'bool' : isCount(kind) ? 'int' : 'str'
    return [name, { desc: kind.accepted, type }] as const
  })
  return Object.fromEntries(entries)
}

const isCount = ({ accepted }: { accepted: string }) => accepted.startsWith('a whole number')

export const POLICY_ROUTES: AdminRoute[] = [
  adminRoute('GET', '/policy/', list),
  adminRoute('GET', '/policy', list),
  adminRoute('GET', '/policy/defs', definitions),
  adminRoute('GET', '/policy/defs/{scope}', definitions),
  adminRoute('POST', '/policy/enable/{name}', switching(true)),
  adminRoute('POST', '/policy/disable/{name}', switching(false)),
  adminRoute('GET', '/policy/{name}', get),
  adminRoute('POST', '/policy/{name}', set),
  adminRoute('DELETE', '/policy/{name}', remove),
]
