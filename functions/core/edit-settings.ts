/** Parameters are changed: checked first, then written, then put in force. */
import { closedChange } from './managed-parameters.ts'
import { closedProblem, type Opened } from './managed-provider.ts'
import type { ParameterSource, ParameterTree, Published } from './publish-settings.ts'
import { isSecret } from './settings-schema.ts'
import { parseSettings, type Problem } from './settings.ts'

/** `value` undefined: back to the default. */
export type SettingChange = { name: string; value?: string | undefined }

export interface ParameterEditor extends ParameterSource {
  /** Sets a parameter, as SecureString if it is a secret. */
  put(name: string, value: string, secret: boolean): Promise<void>
  /** Back to the default; false when it was not set. */
  remove(name: string): Promise<boolean>
}

export type EditPorts = {
  parameters: ParameterEditor
  /** Puts the parameters in force; see `publishSettings`. */
  publish(): Promise<Published>
}

/**
 * - `refused`: nothing was changed
 * - `waiting`: changed, but not in force while other parameters are wrong
 */
export type EditResult =
  { outcome: 'in_force' } | { outcome: 'refused' | 'waiting'; problems: Problem[] }

/** Parameter Store's limit for a value that costs nothing, in octets. */
const LARGEST_VALUE = 4096

/**
 * Makes changes together. What was wrong before and is not touched forbids nothing.
 *
 * @param opened which managed providers may be changed @default none
 */
export async function editSettings(
  { parameters, publish }: EditPorts,
  changes: readonly SettingChange[],
  opened?: Opened,
): Promise<EditResult> {
  const tree = await parameters.list()
  const closed = closedChange(tree, changes, opened ?? (() => false))
  if (closed) return { outcome: 'refused', problems: [closedProblem(closed.provider)] }
  const refused = problemsOf(tree, changes)
  if (refused.length > 0) return { outcome: 'refused', problems: refused }
  for (const change of changes) await write(parameters, tree, change)
  const { problems } = await publish()
  const errors = problems.filter(({ severity }) => severity === 'error')
  return errors.length > 0 ? { outcome: 'waiting', problems: errors } : { outcome: 'in_force' }
}

async function write(parameters: ParameterEditor, tree: ParameterTree, change: SettingChange) {
  const { name, value } = change
  if (value === undefined) {
    await parameters.remove(name)
    return
  }
  const secret = isSecret(name)
  // Parameter Store does not let a parameter change its type.
  if (Object.hasOwn(secret ? tree.values : tree.secrets, name)) await parameters.remove(name)
  await parameters.put(name, value, secret)
}

function problemsOf(tree: ParameterTree, changes: readonly SettingChange[]): Problem[] {
  const before = new Set(errorsOf(tree).map((problem) => JSON.stringify(problem)))
  const changed = new Set(changes.map(({ name }) => name))
  const fresh = errorsOf(changedTree(tree, changes)).filter(
    (problem) => changed.has(problem.name) || !before.has(JSON.stringify(problem)),
  )
  return [...changes.flatMap(oversize), ...fresh]
}

const errorsOf = ({ values, secrets }: ParameterTree) =>
  parseSettings(values, secrets).problems.filter(({ severity }) => severity === 'error')

/** The parameters as they would be after the changes. */
export function changedTree(tree: ParameterTree, changes: readonly SettingChange[]): ParameterTree {
  const values = { ...tree.values }
  const secrets = { ...tree.secrets }
  for (const { name, value } of changes) {
    const version = (secrets[name] ?? 0) + 1
    delete values[name]
    delete secrets[name]
    if (value === undefined) continue
    if (isSecret(name)) secrets[name] = version
    else values[name] = value
  }
  return { values, secrets }
}

/** What is wrong with the size of a value. */
export function oversize({ name, value }: SettingChange): Problem[] {
  const octets = Buffer.byteLength(value ?? '')
  if (octets <= LARGEST_VALUE) return []
  return [
    {
      name,
      reason: `has ${octets} octets`,
      accepted: `at most ${LARGEST_VALUE} octets`,
      severity: 'error',
    },
  ]
}
