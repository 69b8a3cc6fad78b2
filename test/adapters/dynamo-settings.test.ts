import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { dynamoSettings, dynamoSnapshots } from '../../functions/adapters/dynamo-settings.ts'
import { defaultSettings } from '../../functions/core/settings.ts'

const dynamo = mockClient(DynamoDBDocumentClient)
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' }))

const ITEM = {
  pk: 'settings',
  rev: 9,
  version: 4,
  values: { 'email.validtime': '300' },
  secrets: { 'email.password': 2 },
  secrets_made_at: { 'email.password': 500 },
  published_at: 1000,
  checked_at: 2000,
  problems: [],
}

beforeEach(() => {
  dynamo.reset()
})
afterAll(() => {
  dynamo.restore()
})

describe('the settings in force', () => {
  let now: number
  const newSource = () =>
    dynamoSettings({ client, table: 'tokens', cacheMs: 1000, clock: () => now })

  beforeEach(() => {
    now = 0
  })

  it('are those of the snapshot', async () => {
    dynamo.on(GetCommand).resolves({ Item: ITEM })
    const settings = await newSource().current()
    expect(settings['email.validtime']).toBe(300)
    expect(settings['email.password']).toBe(2)
    expect(settings.secrets.get('email.password')).toEqual({ version: 2, madeAt: 500 })
    expect(dynamo.calls().map(({ args }) => args[0].input)).toEqual([
      { TableName: 'tokens', Key: { pk: 'settings' }, ConsistentRead: false },
    ])
  })

  it('name a secret also in a snapshot that does not say when it was made', async () => {
    const { secrets_made_at: _later, ...older } = ITEM
    dynamo.on(GetCommand).resolves({ Item: older })
    const { secrets } = await newSource().current()
    expect(secrets.get('email.password')).toEqual({ version: 2, madeAt: undefined })
  })

  it('are not the defaults because a replica has not got the snapshot yet', async () => {
    dynamo
      .on(GetCommand, { ConsistentRead: false })
      .resolves({})
      .on(GetCommand, { ConsistentRead: true })
      .resolves({ Item: ITEM })
    expect((await newSource().current())['email.validtime']).toBe(300)
  })

  it('are the defaults while nothing was published', async () => {
    dynamo.on(GetCommand).resolves({})
    expect(await newSource().current()).toBe(defaultSettings)
  })

  it('are read again only when they are old enough', async () => {
    dynamo.on(GetCommand).resolves({ Item: ITEM })
    const source = newSource()
    await source.current()
    now = 999
    await source.current()
    expect(dynamo.calls()).toHaveLength(1)
    now = 1000
    await source.current()
    expect(dynamo.calls()).toHaveLength(2)
  })

  it('are read once for parallel callers', async () => {
    dynamo.on(GetCommand).resolves({ Item: ITEM })
    const source = newSource()
    const [first, ...others] = await Promise.all(Array.from({ length: 50 }, source.current))
    expect(others.every((each) => each === first)).toBe(true)
    expect(dynamo.calls()).toHaveLength(1)
  })

  it('are parsed again only when they were published again', async () => {
    const again = { ...ITEM, rev: 10, checked_at: 9000 }
    const changed = { ...again, version: 5, values: { 'email.validtime': '60' } }
    dynamo
      .on(GetCommand)
      .resolvesOnce({ Item: ITEM })
      .resolvesOnce({ Item: again })
      .resolvesOnce({ Item: changed })
    const source = newSource()
    const first = await source.current()
    now = 1000
    expect(await source.current()).toBe(first)
    now = 2000
    expect((await source.current())['email.validtime']).toBe(60)
  })

  it('stay the older ones while the table is unreachable, and recover with the next call', async () => {
    dynamo
      .on(GetCommand)
      .resolvesOnce({ Item: ITEM })
      .rejectsOnce(new Error('down'))
      .resolves({ Item: { ...ITEM, version: 5, values: {} } })
    const source = newSource()
    const first = await source.current()
    now = 1000
    expect(await source.current()).toBe(first)
    expect((await source.current())['email.validtime']).toBe(120)
  })

  it('are unknown when the first read fails, and known when the next one does not', async () => {
    dynamo.on(GetCommand).rejectsOnce(new Error('down')).resolves({ Item: ITEM })
    const source = newSource()
    await expect(source.current()).rejects.toThrow('down')
    expect((await source.current())['email.validtime']).toBe(300)
  })

  it('leave aside what another version published', async () => {
    const values = { ...ITEM.values, 'webhooks/x': 'y', profile: 'paranoid', 'mail.per_day': 7 }
    dynamo.on(GetCommand).resolves({ Item: { ...ITEM, values, schema: 99 } })
    expect(await newSource().current()).toMatchObject({
      'email.validtime': 300,
      profile: 'hardened',
      'mail.per_day': 10,
    })
  })

  it.each([{ values: 'gone' }, { values: null }, { values: [] }, { version: 'four' }])(
    'are not guessed from a corrupt snapshot (%j)',
    async (corruption) => {
      dynamo.on(GetCommand).resolves({ Item: { ...ITEM, ...corruption } })
      await expect(newSource().current()).rejects.toThrow('snapshot cannot be read')
    },
  )
})

describe('the snapshot for configure', () => {
  const snapshots = dynamoSnapshots(client, 'tokens')
  const snapshot = {
    version: 4,
    values: ITEM.values,
    secrets: ITEM.secrets,
    secretsMadeAt: ITEM.secrets_made_at,
    publishedAt: 1000,
    checkedAt: 2000,
    problems: [],
  }

  it('is read as it was written last', async () => {
    dynamo.on(GetCommand).resolves({ Item: ITEM })
    expect(await snapshots.load()).toEqual({ rev: 9, snapshot })
    expect(dynamo.call(0).args[0].input).toMatchObject({ ConsistentRead: true })
  })

  it('is none before the first one, and none when it is corrupt', async () => {
    dynamo
      .on(GetCommand)
      .resolvesOnce({})
      .resolvesOnce({ Item: { pk: 'settings', rev: 9 } })
    expect(await snapshots.load()).toEqual({ rev: 0, snapshot: undefined })
    expect(await snapshots.load()).toEqual({ rev: 9, snapshot: undefined })
  })

  it('is written over the write it was made from', async () => {
    dynamo.on(PutCommand).resolves({})
    expect(await snapshots.save(snapshot, 8)).toBe(true)
    expect(dynamo.call(0).args[0].input).toEqual({
      TableName: 'tokens',
      Item: ITEM,
      ConditionExpression: 'attribute_not_exists(rev) OR rev = :rev',
      ExpressionAttributeValues: { ':rev': 8 },
    })
  })

  it('is not written over any other', async () => {
    const refused = new ConditionalCheckFailedException({ message: 'no', $metadata: {} })
    dynamo.on(PutCommand).rejectsOnce(refused).rejectsOnce(new Error('down'))
    expect(await snapshots.save(snapshot, 8)).toBe(false)
    await expect(snapshots.save(snapshot, 8)).rejects.toThrow('down')
  })
})
