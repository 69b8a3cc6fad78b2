import { beforeAll, describe, expect, it } from 'vitest'
import { all } from './statements.ts'
import { synth, type Synthesized } from './synth.ts'

describe('the data stack', () => {
  let synthesized: Synthesized
  beforeAll(() => void (synthesized = synth()))

  const table = (name: string) => {
    const tables = Object.values(synthesized.data.findResources('AWS::DynamoDB::Table'))
    return tables.find(({ Properties }) => Properties.TableName === `otpost-dev-${name}`)!
  }

  it('never loses tokens', () => {
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = table('tokens')
    expect(Properties).toMatchObject({
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    })
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain'])
  })

  it('never loses a record before its time', () => {
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = table('records')
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    })
    const indexes = Properties.GlobalSecondaryIndexes as { IndexName: string }[]
    expect(indexes.map(({ IndexName }) => IndexName)).toEqual(['by_user', 'by_group'])
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain'])
  })

  it('keeps challenges for their minutes and never restores them', () => {
    const { Properties, DeletionPolicy } = table('challenges')
    expect(Properties).toMatchObject({
      KeySchema: [
        { AttributeName: 'transaction_id', KeyType: 'HASH' },
        { AttributeName: 'serial', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    })
    expect(Properties).not.toHaveProperty('PointInTimeRecoverySpecification')
    expect(DeletionPolicy).toBe('Delete')
  })

  it('encrypts the tables with its own key, which rotates and stays', () => {
    const [[keyId, key]] = Object.entries(synthesized.data.findResources('AWS::KMS::Key')) as [
      [string, Record<string, any>],
    ]
    expect(key.Properties.EnableKeyRotation).toBe(true)
    expect([key.DeletionPolicy, key.UpdateReplacePolicy]).toEqual(['Retain', 'Retain'])
    for (const name of ['tokens', 'challenges', 'records']) {
      expect(table(name).Properties.SSESpecification).toEqual({
        KMSMasterKeyId: { 'Fn::GetAtt': [keyId, 'Arn'] },
        SSEEnabled: true,
        SSEType: 'KMS',
      })
    }
    expect(all(synthesized.data, 'AWS::KMS::Alias')[0]!.Properties.AliasName).toBe(
      'alias/otpost-dev',
    )
  })

  it('leaves the key to the account, which can always repair its policy', () => {
    const [key] = all(synthesized.data, 'AWS::KMS::Key')
    const { Statement } = key!.Properties.KeyPolicy
    expect(Statement).toHaveLength(1)
    expect(JSON.stringify(Statement[0].Principal)).toContain(':root')
    expect(Statement[0].Action).toContain('kms:PutKeyPolicy')
    expect(Statement[0]).not.toHaveProperty('Condition')
  })

  it.each([
    ['dev', true],
    ['prod', true],
    ['local', false],
  ])('in stage %s is protected from termination: %s', (stage, expected) => {
    expect(synth({ stage }).stacks.data.terminationProtection).toBe(expected)
  })
})
