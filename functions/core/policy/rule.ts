/** What the matching policies say about one action. */
import type { Kind } from '../setting-kinds.ts'
import { readAction } from './action-value.ts'
import type { Catalogue, Flag } from './action-value.ts'
import type { PolicyContext } from './match.ts'
import { namesOf } from './policy.ts'
import type { Policy } from './policy.ts'
import { mostSpecific } from './specific.ts'

/** A value and the policies that set it; without one it is the default. */
export type Rule<T> = { readonly value: T; readonly policies: readonly string[] }

/** Policies of the same priority that contradict each other. */
export type Conflict = {
  readonly action: string
  readonly values: readonly string[]
  readonly policies: readonly string[]
}

/** What is said about an action whose contradictions matter only where it is used. */
export type Ruling<T> = Rule<T> | { readonly conflict: Conflict }

type NamesOf<C, K> = { [N in keyof C]: C[N] extends K ? N : never }[keyof C] & string
type ValueOf<K> = K extends Kind<infer T> ? T : never

const NONE: readonly string[] = Object.freeze([])
const OFF: Rule<false> = Object.freeze({ value: false, policies: NONE })

/**
 * Reads the actions of a scope off policies that match `asked`. `conflicts` gathers what {@link one}
 * could not decide; such a rule has its strictest value meanwhile.
 */
export function ruleReader<const C extends Catalogue>(
  matched: readonly Policy[],
  catalogue: C,
  asked: PolicyContext,
) {
  const conflicts: Conflict[] = []
  const setting = (action: string) =>
    matched.filter((policy) => Object.hasOwn(policy.action, action))

  /** Whether any policy sets the action, whatever its priority. */
  function flag(action: NamesOf<C, Flag>): Rule<boolean> {
    const policies = setting(action)
    return policies.length === 0 ? OFF : { value: true, policies: namesOf(policies) }
  }

  /** The items of all policies together, whatever their priority. */
  function all<N extends NamesOf<C, Kind<readonly unknown[]>>>(action: N): Rule<ValueOf<C[N]>> {
    const kind = catalogue[action] as Kind<readonly unknown[]>
    const policies = setting(action)
    const items = policies.flatMap((policy) => {
      const reading = readAction(kind, policy.action[action]!)
      return 'value' in reading ? reading.value : []
    })
    return { value: items as ValueOf<C[N]>, policies: namesOf(policies) }
  }

  /** The value of the policies with the best priority, or that they contradict each other. */
  function ruling<N extends NamesOf<C, Kind<unknown>>, const F>(
    action: N,
    fallback: F,
    strictest: F | ValueOf<C[N]> = fallback,
  ): Ruling<ValueOf<C[N]> | F> {
    const best = bestOf(setting(action), asked)
    if (best.length === 0) return { value: fallback, policies: NONE }

    const policies = namesOf(best)
    const values = [...new Set(best.map((policy) => String(policy.action[action])))]
    if (values.length > 1 && !sayTheSame(catalogue[action] as Kind<unknown>, values)) {
      return { conflict: { action, values, policies } }
    }

    const reading = readAction(catalogue[action] as Kind<ValueOf<C[N]>>, best[0]!.action[action]!)
    return { value: 'value' in reading ? reading.value : strictest, policies }
  }

  /** The same, where a contradiction is one of `conflicts` and the value the strictest. */
  function one<N extends NamesOf<C, Kind<unknown>>, const F>(
    action: N,
    fallback: F,
    strictest: F | ValueOf<C[N]> = fallback,
  ): Rule<ValueOf<C[N]> | F> {
    const decided = ruling(action, fallback, strictest)
    if (!('conflict' in decided)) return decided
    conflicts.push(decided.conflict)
    return { value: strictest, policies: decided.conflict.policies }
  }

  return { flag, all, ruling, one, conflicts: conflicts as readonly Conflict[] }
}

/** Those of the best priority, of which those from LinOTP only where they match most specifically. */
function bestOf(policies: readonly Policy[], asked: PolicyContext): readonly Policy[] {
  if (policies.length < 2) return policies
  const best = Math.min(...policies.map(({ priority }) => priority))
  const first = policies.filter(({ priority }) => priority === best)
  const specific = first.filter(({ precedence }) => precedence === 'specific')
  if (specific.length < 2) return first
  const chosen = mostSpecific(specific, asked)
  return first.filter((each) => each.precedence !== 'specific' || chosen.includes(each))
}

/** Whether values are spellings of one, such as `0` and `token_pin`. */
function sayTheSame(kind: Kind<unknown>, values: readonly string[]): boolean {
  const readings = values.map((value) => readAction(kind, value))
  const meant = readings.map((reading) => ('value' in reading ? reading.value : undefined))
  return meant.every(
    (value) => typeof value !== 'object' && value === meant[0] && value !== undefined,
  )
}
