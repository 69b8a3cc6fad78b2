import { RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import { acknowledge } from './acknowledge.ts'
import type { DataKey } from './data-key.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface ChallengesTableProps {
  readonly stage: string
  readonly dataKey: DataKey
}

/** Open challenges, one item each. Their keys are random, so grants differ by action only. */
export class ChallengesTable extends Construct {
  readonly table: Table
  readonly #dataKey: DataKey

  constructor(scope: Construct, id: string, { stage, dataKey }: ChallengesTableProps) {
    super(scope, id)
    this.#dataKey = dataKey
    this.table = new Table(this, 'Table', {
      tableName: `otpost-${stage}-challenges`,
      partitionKey: { name: 'transaction_id', type: AttributeType.STRING },
      sortKey: { name: 'serial', type: AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: dataKey.key,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    acknowledge(
      this.table,
      'AwsSolutions-DDB3',
      'Challenges live for minutes and must never be restored: an answered one would open again.',
    )
  }

  /** Opens challenges and answers them. */
  grantLogin(fn: OtpostFunction): void {
    this.#allow(fn, ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'])
  }

  /** Claims a challenge for sending and records how that ended. */
  grantDelivery(fn: OtpostFunction): void {
    this.#allow(fn, ['GetItem', 'UpdateItem'])
  }

  /** Notes what became of a mail. */
  grantReport(fn: OtpostFunction): void {
    this.#allow(fn, ['UpdateItem'])
  }

  /** Opens the challenge that proves an address, and ends the one before. */
  grantRegistration(fn: OtpostFunction): void {
    this.#allow(fn, ['GetItem', 'PutItem', 'UpdateItem'])
  }

  /** Looks at how the latest deliveries went. */
  grantInspect(fn: OtpostFunction): void {
    this.#allow(fn, ['Scan'])
  }

  #allow(fn: OtpostFunction, actions: string[]): void {
    fn.addEnvironment(ENV.challengesTable, this.table.tableName)
    this.#dataKey.grantTable(fn, this.table)
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [this.table.tableArn],
      }),
    )
  }
}
