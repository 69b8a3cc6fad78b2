import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import type { KeyPurpose } from '../functions/core/key-purposes.ts'
import { ENV } from '../functions/env.ts'
import { accountKeyPolicy } from './key-policy.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface DataKeyProps {
  readonly stage: string
}

/**
 * The KMS key over everything at rest. It encrypts both tables and wraps one data key per purpose;
 * the purpose is the encryption context, so a grant opens the purposes it names and no other.
 */
export class DataKey extends Construct {
  readonly key: Key

  constructor(scope: Construct, id: string, { stage }: DataKeyProps) {
    super(scope, id)
    this.key = new Key(this, 'Key', {
      alias: `otpost-${stage}`,
      description: `Otpost ${stage}: tables, OTP secrets, PIN pepper and session keys`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
      policy: accountKeyPolicy(),
    })
  }

  /** Lets a function unwrap the data keys of these purposes. */
  grantUnwrap(fn: OtpostFunction, purposes: readonly KeyPurpose[]): void {
    this.#allow(fn, ['kms:Decrypt'], purposes)
  }

  /** Lets a function make and unwrap the data keys of these purposes. */
  grantWrap(fn: OtpostFunction, purposes: readonly KeyPurpose[]): void {
    this.#allow(fn, ['kms:Decrypt', 'kms:GenerateDataKeyWithoutPlaintext'], purposes)
  }

  /** Lets a function's reads and writes of a table through: DynamoDB decrypts in its name. */
  grantTable(fn: OtpostFunction, table: ITable): void {
    const { region } = Stack.of(fn)
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt'],
        resources: [this.key.keyArn],
        conditions: {
          StringEquals: {
            'kms:ViaService': `dynamodb.${region}.amazonaws.com`,
            'kms:EncryptionContext:aws:dynamodb:tableName': table.tableName,
          },
        },
      }),
    )
  }

  #allow(fn: OtpostFunction, actions: string[], purposes: readonly KeyPurpose[]): void {
    fn.addEnvironment(ENV.keyArn, this.key.keyArn)
    fn.addToRolePolicy(
      new PolicyStatement({
        actions,
        resources: [this.key.keyArn],
        conditions: { StringEquals: { 'kms:EncryptionContext:purpose': purposes } },
      }),
    )
  }
}
