/** Files of policies: LinOTP's `policy.cfg`, privacyIDEA's export, and the list of its API in JSON. */
import type { Reading } from '../setting-kinds.ts'
import { formatConfigFile, quoted, readConfigFile, unquoted } from './config-file.ts'
import type { Section } from './config-file.ts'
import { policyFromLinotp, toLinotp } from './linotp-policy.ts'
import { toWire } from './policy-wire.ts'
import type { Policy } from './policy.ts'
import { readPython, writePython } from './python-literal.ts'
import { isMember, readPolicy, refusal } from './read-policy.ts'
import type { ParsedPolicy, PolicyRefusal } from './read-policy.ts'
import { storedName } from './stored-policy.ts'

export const FILE_FORMATS = ['json', 'privacyidea', 'linotp'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]

/** A policy of a file that is refused. */
export type FileProblem = { name: string; refused: PolicyRefusal }

export type PolicyFile = {
  format: FileFormat
  policies: Policy[]
  /** Actions that are kept and have no effect here, by name of the policy. */
  withoutEffect: ReadonlyMap<string, readonly string[]>
  /** Policies of the file that mean nothing here, and why. */
  leftOut: ReadonlyMap<string, string>
  problems: FileProblem[]
}

/** Reads a file of any of the formats, told by what is in it. Never throws. */
export function readPolicyFile(text: string): Reading<PolicyFile> {
  const json = readJsonList(text)
  if (json) return 'refused' in json ? json : { value: gathered('json', json.value) }
  const sections = readConfigFile(text)
  if ('refused' in sections) return sections
  if (sections.value.length === 0) return { refused: 'holds no policy' }
  const format = sections.value.some(isOfPrivacyidea) ? 'privacyidea' : 'linotp'
  const read = format === 'linotp' ? linotpPolicy : privacyideaPolicy
  return {
    value: gathered(
      format,
      sections.value.map(({ name, values }) => [name, read(name, values)]),
    ),
  }
}

type Named = readonly [name: string, parsed: ParsedPolicy]

function gathered(format: FileFormat, parsed: readonly Named[]): PolicyFile {
  const policies: Policy[] = []
  const problems: FileProblem[] = []
  const withoutEffect = new Map<string, readonly string[]>()
  const leftOut = new Map<string, string>()
  const taken = new Set<string>()
  for (const [name, one] of parsed) {
    if ('policy' in one) {
      if (taken.has(storedName(name))) {
        problems.push({
          name,
          ...refusal('name', 'is too like another one of the file', 'one name each'),
        })
        continue
      }
      taken.add(storedName(name))
      policies.push(one.policy)
      if (one.unknownActions.length > 0) withoutEffect.set(name, one.unknownActions)
    } else if (format === 'linotp' && one.refused.reason === NO_COUNTERPART) {
      leftOut.set(name, `its ${one.refused.member} ${one.refused.reason}`)
    } else problems.push({ name, refused: one.refused })
  }
  return { format, policies, withoutEffect, leftOut, problems }
}

const NO_COUNTERPART = 'has no counterpart here'

/** Undefined: this is not JSON at all. */
function readJsonList(text: string): Reading<Named[]> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const list = isObject(value) && isObject(value.result) ? value.result.value : value
  if (!Array.isArray(list) || !list.every(isObject)) {
    return { refused: 'is JSON, but no list of policies' }
  }
  if (list.length === 0) return { refused: 'holds no policy' }
  return { value: list.map((each) => named(each)) }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function named({ name: given, ...members }: Record<string, unknown>): Named {
  const name = typeof given === 'string' ? given : ''
  return [name, readPolicy(name, members)]
}

const isOfPrivacyidea = ({ values }: Section) =>
  values.has('name') || values.has('priority') || /^[[{]/.test(values.get('action') ?? '')

const linotpPolicy = (name: string, values: Section['values']): ParsedPolicy =>
  policyFromLinotp(
    name,
    Object.fromEntries([...values].map(([key, value]) => [key, unquoted(value)])),
  )

function privacyideaPolicy(name: string, values: Section['values']): ParsedPolicy {
  const members = [...values].map(([key, value]) => [key, pythonOrText(value)] as const)
  return readPolicy(name, Object.fromEntries(members))
}

function pythonOrText(value: string): unknown {
  if (value === 'None') return null
  const literal = /^[[{]/.test(value) ? readPython(value) : undefined
  return literal ? literal.value : unquoted(value)
}

/** A file that {@link readPolicyFile} reads back, and the policies it has no words for. */
export function formatPolicyFile(
  policies: readonly Policy[],
  format: FileFormat,
): { text: string; leftOut: ReadonlyMap<string, string> } {
  const leftOut = new Map<string, string>()
  if (format === 'json') {
    return { text: `${JSON.stringify(policies.map(toWire), null, 2)}\n`, leftOut }
  }
  const sections = policies.flatMap((policy) => {
    const section = format === 'linotp' ? linotpSection(policy) : privacyideaSection(policy)
    if ('values' in section) return [{ name: policy.name, ...section }]
    leftOut.set(policy.name, section.lost)
    return []
  })
  return { text: formatConfigFile(sections), leftOut }
}

/** What needs no quotes. */
const PLAIN = /^[\w.*@:;!/+ ,-]*$/

type Written = { values: (readonly [string, string])[] } | { lost: string }

function linotpSection(policy: Policy): Written {
  const written = toLinotp(policy)
  if ('lost' in written) return written
  const values: (readonly [string, string])[] = []
  for (const [key, value] of Object.entries(written.linotp)) {
    const text = key !== 'action' && PLAIN.test(value) ? value : quoted(value, ' ')
    if (text === undefined) return { lost: 'its texts have both kinds of triple quotes' }
    values.push([key, text])
  }
  return { values }
}

function privacyideaSection(policy: Policy): Written {
  if (policy.scope === 'notification') return { lost: 'privacyIDEA has no scope notification' }
  const { description, ...wire } = toWire(policy)
  const values = Object.entries(wire)
    .filter(([key]) => key === 'name' || isMember(key))
    .map(([key, value]) => [key, typeof value === 'string' ? value : writePython(value)] as const)
  const told = description === null ? 'None' : quoted(description)
  if (told === undefined) return { lost: 'its description has both kinds of triple quotes' }
  return { values: [...values, ['description', told]] }
}
