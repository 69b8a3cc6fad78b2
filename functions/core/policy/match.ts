import { matchClient } from './match-client.ts'
import { matchList, matchNames } from './match-list.ts'
import type { ListMatch } from './match-list.ts'
import { matchUser } from './match-user.ts'
import type { Policy, Scope } from './policy.ts'
import { times } from './times.ts'
import type { Times } from './times.ts'

/**
 * Whom and what a request is about. A member that is left out is not asked for; an empty string is
 * somebody unknown, who is met only by policies that do not restrict that member or name `*`.
 */
export type PolicyContext = {
  user?: string | undefined
  /** Lower case. */
  realm?: string | undefined
  resolver?: string | undefined
  adminuser?: string | undefined
  /** Lower case. */
  adminrealm?: string | undefined
  /** The IP address of the caller. */
  client?: string | undefined
  /** The header as it was sent. */
  userAgent?: string | undefined
  /** The API key of the caller by its name. Left out, it is asked for all the same: nobody has one. */
  application?: string | undefined
  /** Unix time in milliseconds. */
  now: number
}

/** What kept a policy from applying. */
export type Mismatch = {
  member:
    | 'user'
    | 'realm'
    | 'adminrealm'
    | 'adminuser'
    | 'resolver'
    | 'client'
    | 'user_agents'
    | 'application'
  why: 'unlisted' | 'excluded'
}
export type Miss = Mismatch | { member: 'time'; why: 'unlisted' }

/** The active policies of a scope that apply, in the order given. */
export function matchingPolicies(
  policies: readonly Policy[],
  scope: Scope,
  context: PolicyContext,
): readonly Policy[] {
  const candidates = activePolicies(policies, scope)
  if (candidates.length === 0) return candidates
  return candidates.filter((policy) => firstMiss(policy, context) === undefined)
}

const NONE: readonly Policy[] = Object.freeze([])
const scopesOf = new WeakMap<readonly Policy[], ReadonlyMap<Scope, readonly Policy[]>>()

/** The active policies of a scope, whomever they apply to. Remembered as long as the list lives. */
export function activePolicies(policies: readonly Policy[], scope: Scope): readonly Policy[] {
  if (policies.length === 0) return NONE
  const scopes = scopesOf.get(policies) ?? Map.groupBy(policies.filter(isActive), scopeOf)
  scopesOf.set(policies, scopes)
  return scopes.get(scope) ?? NONE
}

const isActive = ({ active }: Policy) => active
const scopeOf = ({ scope }: Policy) => scope

const askingOf = new WeakMap<readonly Policy[], boolean>()

/** Whether any active policy asks for the application. Remembered as long as the list lives. */
export function askForApplication(policies: readonly Policy[]): boolean {
  if (policies.length === 0) return false
  const known = askingOf.get(policies)
  if (known !== undefined) return known
  const ask = policies.some(({ active, application }) => active && application.length > 0)
  askingOf.set(policies, ask)
  return ask
}

/** The first reason why an active policy does not apply; undefined if it applies. */
export function firstMiss(policy: Policy, context: PolicyContext): Miss | undefined {
  const admin = policy.scope === 'admin'
  return (
    missed('user', context.user, (user) => matchUser(policy, { ...someone(context), user })) ??
    missed('realm', context.realm, (realm) => matchList(policy.realm, realm)) ??
    missed('resolver', context.resolver, (resolver) => matchList(policy.resolver, resolver)) ??
    (admin ? missedAdmin(policy, context) : undefined) ??
    missed('client', context.client, (client) => matchClient(policy, client)) ??
    missed('user_agents', context.userAgent, (agent) =>
      matchList(policy.userAgents, productOf(agent)),
    ) ??
    missed('application', context.application ?? '', (name) =>
      matchList(policy.application, name),
    ) ??
    missedTimes(policy, context.now)
  )
}

const missedAdmin = (policy: Policy, { adminuser, adminrealm }: PolicyContext) =>
  missed('adminuser', adminuser, (name) => matchNames(policy.adminuser, name)) ??
  missed('adminrealm', adminrealm, (realm) => matchList(policy.adminrealm, realm))

const someone = ({ realm = '', resolver = '' }: PolicyContext) => ({ realm, resolver })

function missed(
  member: Mismatch['member'],
  value: string | undefined,
  match: (value: string) => ListMatch,
): Mismatch | undefined {
  if (value === undefined) return undefined
  const why = match(value)
  return why === 'unlisted' || why === 'excluded' ? { member, why } : undefined
}

/** `privacyidea-cp/3.5 Windows` is the plug-in `privacyidea-cp`. */
const productOf = (userAgent: string) => userAgent.split(/[/ ]/, 1)[0]!.toLowerCase()

const timesOf = new WeakMap<Policy, Times>()

function missedTimes(policy: Policy, now: number): Miss | undefined {
  if (policy.time === '') return undefined
  const isNow = timesOf.get(policy) ?? readTimes(policy)
  return isNow(now) ? undefined : { member: 'time', why: 'unlisted' }
}

function readTimes(policy: Policy): Times {
  const reading = times.read(policy.time)
  const isNow = 'value' in reading ? reading.value : () => false
  timesOf.set(policy, isNow)
  return isNow
}
