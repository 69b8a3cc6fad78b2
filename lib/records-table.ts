import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import type { DataKey } from './data-key.ts'
import { keptTable } from './kept-table.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface RecordsTableProps {
  readonly stage: string
  readonly dataKey: DataKey
}

/** Records by user, and audit records by transaction with delivery records by day. */
const INDEXES = { by_user: 'user_key', by_group: 'group_key' } as const

/** The audit and the delivery log, kept as long as the settings say. */
export class RecordsTable extends Construct {
  readonly table: Table
  readonly #dataKey: DataKey

  constructor(scope: Construct, id: string, { stage, dataKey }: RecordsTableProps) {
    super(scope, id)
    this.#dataKey = dataKey
    this.table = new Table(this, 'Table', {
      tableName: `otpost-${stage}-records`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires_at',
      ...keptTable(dataKey),
    })
    for (const [indexName, name] of Object.entries(INDEXES)) {
      this.table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name, type: AttributeType.STRING },
        sortKey: { name: 'time_key', type: AttributeType.STRING },
      })
    }
  }

  /** Adds records; sees none but where the chain ends. */
  grantAppend(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['GetItem'], [this.table.tableArn], {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['audit'] },
    })
    this.#allow(fn, ['PutItem'], [this.table.tableArn])
  }

  /** Searches the records. */
  grantRead(fn: OtpostFunction): void {
    this.#open(fn)
    const { tableArn } = this.table
    const indexes = Object.keys(INDEXES).map((name) => `${tableArn}/index/${name}`)
    this.#allow(fn, ['GetItem', 'Query'], [tableArn, ...indexes])
  }

  /** Searches what is about one user at a time. */
  grantReadAbout(fn: OtpostFunction): void {
    this.#open(fn)
    this.#allow(fn, ['Query'], [`${this.table.tableArn}/index/by_user`])
  }

  #open(fn: OtpostFunction): void {
    fn.addEnvironment(ENV.recordsTable, this.table.tableName)
    this.#dataKey.grantTable(fn, this.table)
  }

  #allow(
    fn: OtpostFunction,
    actions: string[],
    resources: string[],
    conditions?: Record<string, unknown>,
  ): void {
    const named = actions.map((action) => `dynamodb:${action}`)
    fn.addToRolePolicy(new PolicyStatement({ actions: named, resources, conditions }))
  }
}
