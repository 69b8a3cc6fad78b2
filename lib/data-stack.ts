import { Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { ChallengesTable } from './challenges-table.ts'
import { DataKey } from './data-key.ts'
import { RecordsTable } from './records-table.ts'
import { TokensTable } from './tokens-table.ts'

export interface DataStackProps extends StackProps {
  readonly stage: string
  /**
   * Whether CloudFormation refuses to delete the stack.
   *
   * @default true, except in stage `local`
   */
  readonly terminationProtection?: boolean
}

/** What must outlive every deployment: the tables and the key over them. */
export class DataStack extends Stack {
  readonly dataKey: DataKey
  readonly tokens: TokensTable
  readonly challenges: ChallengesTable
  readonly records: RecordsTable

  constructor(scope: Construct, id: string, props: DataStackProps) {
    const { stage } = props
    super(scope, id, {
      description: `Otpost ${stage}: tables and key`,
      terminationProtection: stage !== 'local',
      ...props,
    })
    this.dataKey = new DataKey(this, 'DataKey', { stage })
    this.tokens = new TokensTable(this, 'Tokens', { stage, dataKey: this.dataKey })
    this.challenges = new ChallengesTable(this, 'Challenges', { stage, dataKey: this.dataKey })
    this.records = new RecordsTable(this, 'Records', { stage, dataKey: this.dataKey })
  }
}
