/** Looks at changes of parameters before they are made, with the schema `configure` uses. */
import { isDeepStrictEqual } from 'node:util'
import { changedTree } from '../../functions/core/edit-settings.ts'
import type { ParameterTree } from '../../functions/core/publish-settings.ts'
import { unknownName } from '../../functions/core/settings-problems.ts'
import { parseSettings, type Problem } from '../../functions/core/settings.ts'

export type Change =
  | { name: string; value: string }
  /** Back to the default. */
  | { name: string; value?: undefined }

export type Review = {
  /** What forbids the changes; empty: they may be made. */
  refused: Problem[]
  /** What should be known about them. */
  warnings: Problem[]
}

/**
 * What the changes, made together, would break. A problem that was there before and is not about a
 * changed parameter forbids nothing, so that several can be mended one after the other.
 */
export function reviewChanges(tree: ParameterTree, changes: readonly Change[]): Review {
  const before = new Set(problemsOf(tree).map((problem) => JSON.stringify(problem)))
  const changed = new Set(changes.map(({ name }) => name))
  const fresh = problemsOf(changedTree(tree, changes)).filter(
    (problem) => changed.has(problem.name) || !before.has(JSON.stringify(problem)),
  )
  const forbids = ({ name, severity }: Problem) =>
    severity === 'error' || (changed.has(name) && !isKnown(name))
  return {
    refused: [...changes.flatMap(emptiness), ...fresh.filter(forbids)],
    warnings: fresh.filter((problem) => !forbids(problem)),
  }
}

/** The problems of a tree; an unknown parameter is one, if only a warning. */
export const problemsOf = (tree: ParameterTree): Problem[] =>
  parseSettings(tree.values, tree.secrets).problems

/** Whether the schema has a place for this name, whatever the value. */
export const isKnown = (name: string) =>
  !problemsOf({ values: { [name]: '' }, secrets: {} }).some((problem) =>
    isDeepStrictEqual(problem, unknownName(name)),
  )

/** Parameter Store keeps no empty values. */
function emptiness({ name, value }: Change): Problem[] {
  if (value === undefined || value.trim() !== '') return []
  const accepted = 'a value; to go back to the default: otpost config unset'
  return [{ name, reason: 'is empty', accepted, severity: 'error' }]
}
