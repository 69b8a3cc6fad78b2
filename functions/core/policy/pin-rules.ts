import { askedOf } from './actor.ts'
import type { Actor } from './actor.ts'
import { PIN } from './actions.ts'
import { matchingPolicies } from './match.ts'
import type { PolicyContext } from './match.ts'
import { pinContentsRefusal } from './pin-contents.ts'
import type { Policy } from './policy.ts'
import { ruleReader } from './rule.ts'

export type PinRules = ReturnType<typeof readPinRules>

/**
 * What a PIN must be like, by the scope of whoever sets it. While `conflicts` has entries no PIN may
 * be set.
 */
export function pinRules(policies: readonly Policy[], actor: Actor): PinRules {
  const context = askedOf(actor)
  const matched = matchingPolicies(policies, actor.role, context)
  return matched.length === 0 ? DEFAULTS : readPinRules(matched, context)
}

function readPinRules(matched: readonly Policy[], context: PolicyContext) {
  const { one, conflicts } = ruleReader(matched, PIN, context)
  return {
    minLength: one('otp_pin_minlength', 0),
    maxLength: one('otp_pin_maxlength', undefined),
    contents: one('otp_pin_contents', undefined),
    conflicts,
  }
}

const DEFAULTS = Object.freeze(readPinRules([], { now: 0 }))

/** What is wrong with a PIN, in the reference's words; undefined if nothing is. */
export function pinRefusal({ minLength, maxLength, contents, conflicts }: PinRules, pin: string) {
  const [conflict] = conflicts
  if (conflict) return `There are conflicting policies for ${conflict.action}.`
  if (pin.length < minLength.value) return `The minimum OTP PIN length is ${minLength.value}`
  if (maxLength.value !== undefined && pin.length > maxLength.value) {
    return `The maximum OTP PIN length is ${maxLength.value}`
  }
  return contents.value && pinContentsRefusal(contents.value, pin)
}
