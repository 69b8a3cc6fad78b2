import { readAction } from './action-value.ts'
import type { Actions } from './action-text.ts'
import { ACTIONS, unknownActions } from './actions.ts'
import * as lists from './policy-lists.ts'
import * as members from './policy-members.ts'
import type { Member } from './policy-members.ts'
import { APPLICATION_SCOPES } from './policy.ts'
import type { Policy, Scope } from './policy.ts'

/** What is wrong with a policy. */
export type PolicyRefusal = {
  /** `action.emailtext` is the value of that action; `name` the name; `policy` the whole. */
  member: string
  /** A clause that follows the member: "is not a known scope". */
  reason: string
  accepted: string
}

export type ParsedPolicy =
  | {
      policy: Policy
      /** Actions that are kept but have no effect in Otpost. */
      unknownActions: string[]
    }
  | { refused: PolicyRefusal }

/** Names of members as stored and on the wire. */
const MEMBERS = {
  active: members.active,
  scope: members.scope,
  action: members.actions,
  user: lists.users,
  realm: lists.realms,
  resolver: lists.resolvers,
  adminuser: lists.adminusers,
  adminrealm: lists.adminrealms,
  client: lists.clients,
  user_agents: lists.userAgents,
  application: lists.applications,
  time: members.time,
  priority: members.priority,
  precedence: members.precedence,
  description: members.description,
  conditions: members.unsupported,
  pinode: members.unsupported,
  check_all_resolvers: members.unsupported,
  user_case_insensitive: members.unsupported,
} as const
type MemberName = keyof typeof MEMBERS

/** Reads the members of a policy in any form they have; members it does not know are ignored. */
export function readPolicy(name: string, object: Readonly<Record<string, unknown>>): ParsedPolicy {
  if (!/^[a-zA-Z0-9_. -]{1,64}$/.test(name)) {
    return refusal('name', 'is not a name', '1 to 64 letters, digits, blanks, and _ . -')
  }

  const read: Record<string, unknown> = {}
  for (const member of MEMBER_NAMES) {
    const { accepted, read: readMember }: Member<unknown> = MEMBERS[member]
    const reading = readMember(object[member])
    if ('refused' in reading) return refusal(member, reading.refused, accepted)
    read[member] = reading.value
  }
  return checked(name, read as ReadMembers)
}

type ReadMembers = { [N in MemberName]: (typeof MEMBERS)[N] extends Member<infer T> ? T : never }

function checked(name: string, read: ReadMembers): ParsedPolicy {
  const action = readActionValues(read.scope, read.action)
  if ('refused' in action) return action
  if (read.application.length > 0 && !APPLICATION_SCOPES.includes(read.scope)) {
    const accepted = `none; the scopes ${APPLICATION_SCOPES.join(' and ')} know the application`
    return refusal('application', `is not asked for in the scope ${read.scope}`, accepted)
  }

  const { conditions, pinode, check_all_resolvers, user_case_insensitive, ...rest } = read
  const { user_agents: userAgents, precedence, ...same } = rest
  const policy: Policy = Object.freeze({
    ...same,
    name,
    action: action.value,
    userAgents,
    ...(precedence === 'specific' ? { precedence } : {}),
  })
  return { policy, unknownActions: unknownActions(policy) }
}

const ACTION_NAME = /^(\*|[-!]?[a-zA-Z0-9_]{1,64})$/

function readActionValues(scope: Scope, actions: Actions) {
  const entries: [string, string | true][] = []
  for (const [name, value] of Object.entries(actions)) {
    const member = `action.${name.slice(0, 64)}`
    if (!ACTION_NAME.test(name)) return refusal(member, 'is not a name', 'letters, digits and _')
    const reading = readActionValue(scope, name, value)
    if ('refused' in reading) return refusal(member, reading.refused, reading.accepted)
    entries.push([name, reading.value])
  }
  return { value: Object.freeze(Object.fromEntries(entries)) }
}

type ActionReading = { value: string | true } | { refused: string; accepted: string }

function readActionValue(scope: Scope, name: string, value: string | true): ActionReading {
  const catalogue = ACTIONS[scope]
  const kind = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined
  if (value === '') return { refused: 'is empty', accepted: kind?.accepted ?? 'text, or true' }
  if (value !== true && value.endsWith('\\')) {
    return { refused: 'ends in a backslash', accepted: 'text that ends otherwise' }
  }
  if (!kind) return { value }
  if ('flag' in kind) {
    if (value === true || /^(true|1)$/i.test(value)) return { value: true }
    return { refused: 'takes no value', accepted: kind.accepted }
  }
  const reading = readAction(kind, value)
  return 'refused' in reading ? { ...reading, accepted: kind.accepted } : { value }
}

export const isMember = (name: string): name is MemberName => Object.hasOwn(MEMBERS, name)
export const MEMBER_NAMES = Object.keys(MEMBERS) as readonly MemberName[]

export const refusal = (member: string, reason: string, accepted: string) => ({
  refused: { member, reason, accepted },
})
