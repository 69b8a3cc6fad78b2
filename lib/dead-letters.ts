import { Duration } from 'aws-cdk-lib'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'

/**
 * Where what was given up is kept for two weeks. `takes` says whose, where that is no queue: only the
 * dead letters of queues are known to the check.
 */
export function deadLetters(scope: Construct, queueName: string, takes?: string): Queue {
  const queue = new Queue(scope, 'DeadLetters', {
    queueName,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  })
  if (takes) {
    const reason = `It takes ${takes}; only the dead letters of other queues are known to the check.`
    acknowledge(queue, 'AwsSolutions-SQS3', reason)
  }
  return queue
}
