import { Duration, Stack } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { EventInvokeConfig } from 'aws-cdk-lib/aws-lambda'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { deadLetters } from './dead-letters.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface MailEventsProps {
  readonly stage: string
  /** The configuration set that mail goes out by: what others send by SES is none of ours. */
  readonly configurationSet: string
}

/**
 * What is told to the function. `Email Sent` is not: `deliver` knows that from SES's answer, and a
 * start for every mail that says nothing new would cost more than all others together.
 */
const TOLD = [
  'Email Delivered',
  'Email Delivery Delayed',
  'Email Bounced',
  'Email Complaint Received',
  'Email Rejected',
  'Email Rendering Failed',
]

/** What SES reports of our mails, brought to a function; what it cannot take is kept aside. */
export class MailEvents extends Construct {
  /** Reports that were given up. */
  readonly deadLetters: Queue
  readonly #props: MailEventsProps

  constructor(scope: Construct, id: string, props: MailEventsProps) {
    super(scope, id)
    this.#props = props
    const name = `otpost-${props.stage}-mail-events-dead`
    this.deadLetters = deadLetters(this, name, 'what a rule and a function gave up')
  }

  /** Starts a function for every report. Neither a busy Lambda nor a failing function loses one. */
  takenBy(fn: OtpostFunction): void {
    const { stage, configurationSet } = this.#props
    const { deadLetters } = this
    new Rule(this, 'Reported', {
      ruleName: `otpost-${stage}-mail-event`,
      description: `SES reports what became of a mail of Otpost ${stage}`,
      eventPattern: {
        source: ['aws.ses'],
        account: [Stack.of(this).account],
        detailType: TOLD,
        detail: { mail: { tags: { 'ses:configuration-set': [configurationSet] } } },
      },
      targets: [new LambdaFunction(fn, { deadLetterQueue: deadLetters })],
    })
    new EventInvokeConfig(this, 'Retries', {
      function: fn,
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
    })
    fn.addToRolePolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
    )
  }
}
