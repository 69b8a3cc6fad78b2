import { Duration } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import { deadLetters } from './dead-letters.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface DeliverQueueProps {
  readonly stage: string
}

export interface ConsumerProps {
  /**
   * How many mails are sent at once; keep it below what the mail server takes.
   *
   * @default 10
   */
  readonly maxConcurrency?: number
}

/** The way from a trigger to `deliver`. Messages are references: no code, no address, no secret. */
export class DeliverQueue extends Construct {
  readonly queue: Queue
  /** What could not be handled ten times, kept for two weeks. */
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, { stage }: DeliverQueueProps) {
    super(scope, id)
    this.deadLetters = deadLetters(this, `otpost-${stage}-deliver-dead`)
    this.queue = new Queue(this, 'Queue', {
      queueName: `otpost-${stage}-deliver`,
      // References only: SQS's own key is enough, and costs nothing per message.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // Just above the function's 30 s, the least AWS accepts. AWS's advice of six times that would
      // hold back a retry until the code in it has expired.
      visibilityTimeout: Duration.seconds(35),
      retentionPeriod: Duration.minutes(15),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 10 },
    })
  }

  /** Lets a function queue deliveries. */
  grantSend(fn: OtpostFunction): void {
    fn.addEnvironment(ENV.deliverQueueUrl, this.queue.queueUrl)
    fn.addToRolePolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }),
    )
  }

  /** Feeds a function one message at a time: a slow mail server must not hold up other mails. */
  consumedBy(fn: OtpostFunction, { maxConcurrency = 10 }: ConsumerProps = {}): void {
    fn.addEnvironment(ENV.deliverQueueUrl, this.queue.queueUrl)
    fn.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 1,
        maxConcurrency,
        reportBatchItemFailures: true,
      }),
    )
  }

  /** Lets a function see how many messages wait and how many were given up. */
  grantInspect(fn: OtpostFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['sqs:GetQueueAttributes'],
        resources: [this.queue.queueArn, this.deadLetters.queueArn],
      }),
    )
    fn.addEnvironment(ENV.deliverQueueUrl, this.queue.queueUrl)
    fn.addEnvironment(ENV.deadLetterQueueUrl, this.deadLetters.queueUrl)
  }
}
