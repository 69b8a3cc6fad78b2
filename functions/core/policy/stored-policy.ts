/** The stored form of policies: one JSON object per parameter. */
import { isMember, MEMBER_NAMES, readPolicy, refusal } from './read-policy.ts'
import type { ParsedPolicy } from './read-policy.ts'
import type { Policy } from './policy.ts'
import { toWire } from './policy-wire.ts'

/** Reads the text of the parameter `policies/<name>`. Never throws. */
export function parsePolicy(name: string, json: string): ParsedPolicy {
  const object = parseObject(json)
  if (!object) return refusal('policy', 'is not a JSON object', '{"scope": …, "action": …}')

  const { name: full = name, ...rest } = object
  if (typeof full !== 'string' || storedName(full) !== name) {
    return refusal('name', 'is not that of its parameter', `"${name}", where _ may be a blank`)
  }
  const stranger = Object.keys(rest).find((each) => !isMember(each))
  if (stranger !== undefined) {
    return refusal(stranger, 'is not a member of a policy', MEMBER_NAMES.join(', '))
  }
  return readPolicy(full, rest)
}

/** The policy as {@link parsePolicy} reads it, without what has its default. */
export function formatPolicy(policy: Policy): string {
  const { name, ...wire } = toWire(policy)
  const told = Object.entries(wire).filter(([member, value]) => !isDefault(member, value))
  const full = storedName(name) === name ? {} : { name }
  return JSON.stringify({ ...full, ...Object.fromEntries(told) })
}

/** The name of a policy within `policies/<name>`: names of parameters cannot hold blanks. */
export const storedName = (name: string) => name.replaceAll(' ', '_')

function isDefault(member: string, value: unknown): boolean {
  if (member === 'scope' || member === 'action') return false
  if (member === 'active') return value === true
  if (member === 'priority') return value === 1
  return (
    value === null || value === '' || value === false || (Array.isArray(value) && !value.length)
  )
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
