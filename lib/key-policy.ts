import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam'

/**
 * Leaves it to the account's IAM who manages and uses a key, as AWS's default policy does, but
 * without its `kms:*`. `PutKeyPolicy` is among the actions, so nobody can be locked out.
 */
export function accountKeyPolicy(): PolicyDocument {
  const actions = [...MANAGE, ...USE].map((action) => `kms:${action}`)
  return new PolicyDocument({
    statements: [
      new PolicyStatement({ actions, resources: ['*'], principals: [new AccountRootPrincipal()] }),
    ],
  })
}

const MANAGE = [
  'CancelKeyDeletion',
  'CreateAlias',
  'CreateGrant',
  'DeleteAlias',
  'DescribeKey',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'ListGrants',
  'ListKeyPolicies',
  'ListKeyRotations',
  'ListResourceTags',
  'PutKeyPolicy',
  'RetireGrant',
  'RevokeGrant',
  'RotateKeyOnDemand',
  'ScheduleKeyDeletion',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateKeyDescription',
]

const USE = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
]
