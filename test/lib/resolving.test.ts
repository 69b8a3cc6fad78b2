import { describe, expect, it } from 'vitest'
import { ContextError, readContext } from '../../lib/context.ts'
import { grantsOf } from './statements.ts'
import { synth } from './synth.ts'

const context = (values: Record<string, unknown>) => readContext((key) => values[key])

describe('directories outside of Otpost', () => {
  it('are asked for the users of the pools that were named, and of no other', () => {
    const userPools = context({ cognitoUserPools: 'eu-central-1_AbC,us-east-1_DeF' }).userPools
    const grants = grantsOf(synth({ userPools }), 'otpost-dev-resolve')
    expect(grants).toContainEqual({
      actions: ['cognito-idp:AdminGetUser', 'cognito-idp:ListUsers'],
      resources: [
        'arn:<Partition>:cognito-idp:eu-central-1:<AccountId>:userpool/eu-central-1_AbC',
        'arn:<Partition>:cognito-idp:us-east-1:<AccountId>:userpool/us-east-1_DeF',
      ],
    })
  })

  it('are asked from a network of their own where one is named', () => {
    const { ldapNetwork } = context({
      ldapSubnets: 'subnet-0a1b,subnet-2c3d',
      ldapSecurityGroups: 'sg-0a1b',
    })
    synth({ ldapNetwork }).service.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'otpost-dev-resolve',
      VpcConfig: { SubnetIds: ['subnet-0a1b', 'subnet-2c3d'], SecurityGroupIds: ['sg-0a1b'] },
    })
  })

  it.each([
    { cognitoUserPools: '*' },
    { cognitoUserPools: 'eu-central-1_AbC, *' },
    { ldapSubnets: 'subnet-0a1b' },
    { ldapSecurityGroups: 'sg-0a1b' },
    { ldapSubnets: '*', ldapSecurityGroups: 'sg-0a1b' },
  ])('are not asked as %j wants it', (values) => {
    expect(() => context(values)).toThrow(ContextError)
  })
})
