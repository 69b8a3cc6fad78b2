import { isDeepStrictEqual } from 'node:util'
import type { Clock } from './ports.ts'
import { parseSettings } from './settings.ts'
import type { Problem } from './settings.ts'
import { HOUR } from './spans.ts'

/** The parameters as an administrator set them. */
export type ParameterTree = {
  /** Text by name of everything stored in clear. */
  values: Record<string, string>
  /** Version by name of everything stored encrypted. */
  secrets: Record<string, number>
  /** When each of those versions was made, Unix milliseconds: numbers may come again. */
  secretsMadeAt?: Record<string, number> | undefined
}

export interface ParameterSource {
  /** Reads every parameter; decrypts none. */
  list(): Promise<ParameterTree>
}

/** The settings in force, and what the last check of the parameters found. */
export type Snapshot = ParameterTree & {
  /** Counts changes of what is in force. */
  version: number
  /** Unix time in milliseconds. */
  publishedAt: number
  /** Unix time in milliseconds; renewed hourly while nothing changes. */
  checkedAt: number
  /** What is wrong with the parameters; with an error among them they are not in force. */
  problems: Problem[]
}

export interface SnapshotStore {
  /** The snapshot, if there is a readable one, and the number of its last write, 0 if none. */
  load(): Promise<{ rev: number; snapshot?: Snapshot | undefined }>
  /** Stores a snapshot; false if there was a write since the one numbered `rev`. */
  save(snapshot: Snapshot, rev: number): Promise<boolean>
}

export type PublishPorts = {
  parameters: ParameterSource
  snapshots: SnapshotStore
  clock: Clock
  /** Tells operators how it went. */
  report(outcome: Published): void
}

export type Published = {
  /** The version in force afterwards. */
  version: number
  /** This run put it in force. */
  published: boolean
  problems: Problem[]
}

const TRIES = 3

/**
 * Checks the parameters and puts them in force, all or nothing: with an error among them the
 * snapshot before stays in force. Only where there has never been one, refused values give way to
 * safe ones, because no settings at all would mean no service. Throws if the parameters cannot be
 * read.
 */
export async function publishSettings(ports: PublishPorts): Promise<Published> {
  for (let tries = 0; tries < TRIES; tries++) {
    const outcome = await tryToPublish(ports)
    if (outcome) {
      ports.report(outcome)
      return outcome
    }
  }
  throw new Error(`The settings snapshot was changed by others ${TRIES} times in a row.`)
}

/** Undefined if another run was faster. */
async function tryToPublish(ports: PublishPorts): Promise<Published | undefined> {
  const { parameters, snapshots, clock } = ports
  // The snapshot first: a tree read before a faster run saved can then never replace that run's.
  const { rev, snapshot: before } = await snapshots.load()
  const tree = await parameters.list()
  const after = nextSnapshot(before, tree, clock())

  if (worthSaving(before, after) && !(await snapshots.save(after, rev))) return undefined
  const { version, problems } = after
  return { version, published: version !== before?.version, problems }
}

function nextSnapshot(before: Snapshot | undefined, tree: ParameterTree, now: number): Snapshot {
  const { values, problems } = parseSettings(tree.values, tree.secrets)
  const checked = { checkedAt: now, problems }

  const refused = problems.some(({ severity }) => severity === 'error')
  const { secrets, secretsMadeAt } = tree
  const next = { values, secrets, secretsMadeAt }
  if (before && (refused || inForce(before, next))) return { ...before, ...checked }
  return { ...checked, ...next, version: (before?.version ?? 0) + 1, publishedAt: now }
}

const inForce = ({ values, secrets, secretsMadeAt }: Snapshot, next: ParameterTree) =>
  isDeepStrictEqual({ values, secrets, secretsMadeAt }, next)

function worthSaving(before: Snapshot | undefined, after: Snapshot) {
  if (!before || after.version !== before.version) return true
  return (
    after.checkedAt - before.checkedAt >= HOUR ||
    !isDeepStrictEqual(after.problems, before.problems)
  )
}
