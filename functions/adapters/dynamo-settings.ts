import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Clock, SettingsSource } from '../core/ports.ts'
import type { Snapshot, SnapshotStore } from '../core/publish-settings.ts'
import { defaultSettings, parseSettings } from '../core/settings.ts'
import type { Settings } from '../core/settings.ts'
import { cached } from './cached.ts'

/** The item that is the settings snapshot. Fields may be added, never change their meaning. */
type Item = {
  pk: 'settings'
  rev: number
  version: number
  values: Record<string, string>
  secrets: Record<string, number>
  secrets_made_at?: Record<string, number> | undefined
  published_at: number
  checked_at: number
  problems: Snapshot['problems']
}

const KEY = { pk: 'settings' } as const

export type DynamoSettingsOptions = {
  client: DynamoDBDocumentClient
  table: string
  /** How long a snapshot is used before the table is asked again. */
  cacheMs: number
  clock: Clock
  /** Whether to see what was published a moment ago, at twice the price. @default false */
  consistent?: boolean
}

/**
 * The settings in force, from the snapshot `configure` published. An unreachable table is no reason
 * to stop while an older snapshot is at hand. What a snapshot of another version holds beyond this
 * one's schema is left aside, so that a rollback needs no repair.
 */
export function dynamoSettings(options: DynamoSettingsOptions): SettingsSource {
  const { client, table, cacheMs, clock, consistent = false } = options
  let parsed: { stamp: string; settings: Settings } | undefined

  async function read(ConsistentRead: boolean) {
    const command = new GetCommand({ TableName: table, Key: KEY, ConsistentRead })
    return (await client.send(command)).Item
  }

  async function load() {
    // the defaults are open: a replica that is behind must not pass for a new deployment
    const item = (await read(consistent)) ?? (consistent ? undefined : await read(true))
    if (item === undefined) return defaultSettings

    const snapshot = toSnapshot(item)
    if (!snapshot) throw new Error('The settings snapshot cannot be read; run configure.')

    const stamp = `${snapshot.version}/${snapshot.publishedAt}`
    if (parsed?.stamp !== stamp) {
      const { values, secrets, secretsMadeAt } = snapshot
      parsed = { stamp, settings: parseSettings(values, secrets, secretsMadeAt).settings }
    }
    return parsed.settings
  }

  return { current: cached({ load, maxAgeMs: cacheMs, clock }) }
}

/** The snapshot for `configure`, which alone writes it. */
export function dynamoSnapshots(client: DynamoDBDocumentClient, table: string): SnapshotStore {
  return {
    async load() {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: KEY, ConsistentRead: true }),
      )
      return { rev: item?.rev ?? 0, snapshot: toSnapshot(item) }
    },

    async save(snapshot, rev) {
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: toItem(snapshot, rev + 1),
            ConditionExpression: 'attribute_not_exists(rev) OR rev = :rev',
            ExpressionAttributeValues: { ':rev': rev },
          }),
        )
        return true
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false
        throw error
      }
    },
  }
}

const toItem = (snapshot: Snapshot, rev: number): Item => ({
  ...KEY,
  rev,
  version: snapshot.version,
  values: snapshot.values,
  secrets: snapshot.secrets,
  secrets_made_at: snapshot.secretsMadeAt,
  published_at: snapshot.publishedAt,
  checked_at: snapshot.checkedAt,
  problems: snapshot.problems,
})

/** Undefined for anything that does not have the shape of a snapshot. */
function toSnapshot(item: Record<string, unknown> | undefined): Snapshot | undefined {
  if (!item || typeof item.version !== 'number' || !isMap(item.values)) return undefined
  const { version, values, secrets, secrets_made_at: madeAt, problems } = item as Item
  const { published_at, checked_at } = item as Item
  return {
    version,
    values,
    secrets: isMap(secrets) ? secrets : {},
    secretsMadeAt: isMap(madeAt) ? madeAt : undefined,
    publishedAt: published_at,
    checkedAt: checked_at,
    problems,
  }
}

const isMap = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
