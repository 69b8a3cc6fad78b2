/** Policies as LinOTP keeps them. Read and written so that nothing changes its meaning unsaid. */
import { ACTIONS } from './actions.ts'
import type { Actions } from './action-text.ts'
import { formatLinotpActions, readLinotpActions } from './linotp-action-text.ts'
import { ACTION_OF, SCOPE_OF, SYSTEM } from './linotp-names.ts'
import { excludedBy } from './match-list.ts'
import type { Policy, Scope } from './policy.ts'
import { readPolicy, refusal } from './read-policy.ts'
import type { ParsedPolicy } from './read-policy.ts'

/** A policy on LinOTP's wire and in its file. */
export type LinotpPolicy = {
  scope: string
  action: string
  user: string
  realm: string
  client: string
  time: string
  active: 'True' | 'False'
}

/**
 * The policy that members in LinOTP's words describe; its `user` are administrators in the scopes
 * `admin` and `system`. A member that is empty restricts nothing. Never throws.
 */
export function policyFromLinotp(
  name: string,
  members: Readonly<Record<string, string | undefined>>,
): ParsedPolicy {
  const { scope: theirs = '', action: text = '' } = members
  const scope = Object.hasOwn(SCOPE_OF, theirs) ? SCOPE_OF[theirs]! : undefined
  if (!scope) {
    const accepted = `one of ${Object.keys(SCOPE_OF).join(', ')}`
    return refusal('scope', theirs === '' ? 'is missing' : 'has no counterpart here', accepted)
  }
  const action = readLinotpActions(text)
  const accepted = 'such as "otppin=1, emailtext=\'Code: <otp>\'"'
  if ('refused' in action) return refusal('action', action.refused, accepted)
  const whom = unrestricted(members.user)
  return readPolicy(name, {
    scope,
    action: theirs === 'system' ? systemRights(action.value) : translated(scope, action.value),
    ...(scope === 'admin' ? { adminuser: whom } : { user: whom }),
    realm: unrestricted(members.realm),
    client: unrestricted(members.client),
    time: unrestricted(members.time),
    active: members.active,
    precedence: 'specific',
  })
}

const unrestricted = (text = '') => (text.trim() === '*' ? '' : text)

function translated(scope: Scope, actions: Actions): Actions {
  const entries = Object.entries(actions).map(([theirs, value]) => {
    const excluded = excludedBy(theirs)
    const sign = excluded === undefined ? '' : theirs[0]!
    const name = ACTION_OF[scope]?.[excluded ?? theirs] ?? excluded ?? theirs
    return valued(scope, sign, name, value)
  })
  return Object.fromEntries(entries)
}

const OFF = /^(0|false|no|off)$/i
const ON = /^(1|true|yes|on)$/i

/** LinOTP switches actions on by their name or by a value, and some of ours take one word instead. */
function valued(
  scope: Scope,
  sign: string,
  name: string,
  value: string | true,
): readonly [string, string | true] {
  const kind = Object.hasOwn(ACTIONS[scope], name) ? ACTIONS[scope][name] : undefined
  const off = value !== true && OFF.test(value)
  const on = value === true || ON.test(value)
  if (name === 'passthru' && (on || off)) return off ? ['!passthru', true] : [name, 'userstore']
  if (name === 'edit_email' && value === true) return [name, sign === '' ? '1' : '0']
  if (kind && 'flag' in kind && off) return [`!${name}`, true]
  if (kind && 'flag' in kind && on) return [sign + name, true]
  return [sign + name, value]
}

function systemRights(actions: Actions): Actions {
  const names = Object.keys(actions).flatMap((theirs) => {
    const excluded = excludedBy(theirs)
    const rights = SYSTEM[excluded ?? theirs] ?? []
    const sign = excluded === undefined ? '' : '!'
    if (theirs === '*') return Object.values(SYSTEM).flat()
    return rights.length === 0 ? [theirs] : rights.map((right) => sign + right)
  })
  return Object.fromEntries(names.map((name) => [name, true as const]))
}

/** The policy in LinOTP's words, or why it has none. */
export function toLinotp(policy: Policy): { linotp: LinotpPolicy } | { lost: string } {
  const lost = lostIn(policy)
  return lost === undefined ? { linotp: inTheirWords(policy) } : { lost }
}

/** The policy in the words of LinOTP, or ours where it has none; what it cannot say is not said. */
export function inTheirWords(policy: Policy): LinotpPolicy {
  const { scope: ours, action } = policy
  const system = ours === 'admin' ? systemActions(action) : undefined
  const theirs = Object.keys(SCOPE_OF).find((each) => SCOPE_OF[each] === ours) ?? ours
  return {
    scope: system ? 'system' : theirs,
    action: formatLinotpActions(system ?? actionsInTheirWords(ours, action)),
    user: listed(ours === 'admin' ? policy.adminuser : policy.user),
    realm: listed(policy.realm),
    client: listed(policy.client),
    time: policy.time || '*',
    active: policy.active ? 'True' : 'False',
  }
}

const listed = (entries: readonly string[]) => (entries.length === 0 ? '*' : entries.join(', '))

/** What LinOTP cannot say. */
function lostIn(policy: Policy): string | undefined {
  const { name, scope, resolver, adminuser, adminrealm, userAgents, priority, time, user } = policy
  const { application } = policy
  if (!/^[a-zA-Z0-9_]+$/.test(name)) return 'its name has other characters than a-z A-Z 0-9 _'
  if (!Object.values(SCOPE_OF).includes(scope)) return `LinOTP has no scope for ${scope}`
  if (resolver.length > 0) return 'it is restricted by resolver'
  if (adminrealm.length > 0) return 'it is restricted by adminrealm'
  if (scope === 'admin' ? user.length > 0 : adminuser.length > 0) {
    return 'it is restricted by users and by administrators'
  }
  if (userAgents.length > 0) return 'it is restricted by user_agents'
  if (application.length > 0) return 'it is restricted by application'
  if (priority !== 1) return 'it has a priority'
  return time.includes(':') ? 'its time is in hours of the week' : undefined
}

function systemActions(action: Actions): Actions | undefined {
  const names = new Set(Object.keys(action))
  const whole = Object.entries(SYSTEM).filter(([, rights]) =>
    rights.every((each) => names.has(each)),
  )
  const covered = whole.flatMap(([, rights]) => rights)
  if (whole.length === 0 || covered.length !== names.size) return undefined
  return Object.fromEntries(whole.map(([name]) => [name, true as const]))
}

function actionsInTheirWords(scope: Scope, action: Actions): Actions {
  const words = Object.entries(ACTION_OF[scope] ?? {})
  const entries = Object.entries(action).map(([name, value]) => {
    const excluded = excludedBy(name)
    const theirs = words.find(([, ours]) => ours === (excluded ?? name))?.[0] ?? excluded ?? name
    return [(excluded === undefined ? '' : name[0]!) + theirs, value] as const
  })
  return Object.fromEntries(entries)
}
