import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import { accountKeyPolicy } from './key-policy.ts'

export interface AlarmTopicProps {
  readonly stage: string
  /** Mailbox that gets the alarms; AWS asks it to confirm first. */
  readonly email: string
}

/**
 * Brings alarms to a mailbox. It has a key of its own: CloudWatch cannot use the AWS-managed one,
 * and must not touch the one over the data.
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic

  constructor(scope: Construct, id: string, { stage, email }: AlarmTopicProps) {
    super(scope, id)
    const key = new Key(this, 'Key', {
      description: `Otpost ${stage}: alarms on their way to a mailbox`,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
      policy: accountKeyPolicy(),
    })
    this.topic = new Topic(this, 'Topic', {
      topicName: `otpost-${stage}-alarms`,
      masterKey: key,
      enforceSSL: true,
    })
    this.topic.addSubscription(new EmailSubscription(email))

    // The policy that enforces TLS replaces the one by which the account's alarms could publish.
    this.topic.addToResourcePolicy(this.#forAlarms(['sns:Publish'], this.topic.topicArn))
    key.addToResourcePolicy(this.#forAlarms(['kms:Decrypt', 'kms:GenerateDataKey'], '*'))
  }

  #forAlarms(actions: string[], resource: string): PolicyStatement {
    return new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions,
      resources: [resource],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    })
  }
}
