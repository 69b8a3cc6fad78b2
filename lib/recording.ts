import { Duration } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { FilterPattern } from 'aws-cdk-lib/aws-logs'
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { deadLetters } from './dead-letters.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface RecordingProps {
  readonly stage: string
  /** Keeps the records. Its own log is never among those it reads. */
  readonly record: OtpostFunction
  /** Whose lines are recorded. */
  readonly recorded: readonly OtpostFunction[]
}

/** The way from the logs of the functions to the records: logins wait for none of it. */
export class Recording extends Construct {
  /** What could not be recorded, kept for two weeks. */
  readonly deadLetters: Queue
  readonly record: OtpostFunction

  constructor(scope: Construct, id: string, { stage, record, recorded }: RecordingProps) {
    super(scope, id)
    this.record = record
    if (recorded.includes(record)) throw new Error('A record of a record would never end.')
    const name = `otpost-${stage}-record-dead`
    this.deadLetters = deadLetters(this, name, 'what a function gave up')
    record.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
    })
    record.addToRolePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [this.deadLetters.queueArn],
      }),
    )
    const destination = new LambdaDestination(record)
    for (const { logGroup } of recorded) {
      logGroup.addSubscriptionFilter('Records', { destination, filterPattern: RECORDED })
    }
  }
}

/** The marker of lines that are recorded, as functions/adapters/record-line.ts reads it. */
const RECORDED = FilterPattern.any(
  FilterPattern.stringValue('$.record', '=', 'audit'),
  FilterPattern.stringValue('$.record', '=', 'delivery'),
)
