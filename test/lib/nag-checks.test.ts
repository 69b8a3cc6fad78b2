import { App, Stack } from 'aws-cdk-lib'
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { describe, expect, it } from 'vitest'
import { acknowledge, acknowledgeWildcard } from '../../lib/acknowledge.ts'
import { NagChecks } from '../../lib/nag-checks.ts'
import { synth } from './synth.ts'

describe('the checks', () => {
  it.each([
    ['the smallest deployment', {}],
    [
      'the fullest deployment',
      {
        stage: 'prod',
        region: 'eu-central-1',
        mailDomain: 'example.org',
        mailFrom: 'login@example.org',
        alarmEmail: 'ops@example.org',
        userPools: ['eu-central-1_AbC'],
        ldapNetwork: { subnets: ['subnet-0a1b2c3d'], securityGroups: ['sg-0a1b2c3d'] },
      },
    ],
  ])('pass for %s', (_, deployment) => {
    expect(() => synth(deployment, { validation: true })).not.toThrow()
  })

  const queueWithoutDeadLetters = () => {
    const app = new App()
    const queue = new Queue(new Stack(app, 'stack'), 'queue', { enforceSSL: true })
    return { app, queue }
  }
  const violations = (app: App) =>
    new NagChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)

  it('find what breaks a rule', () => {
    expect(violations(queueWithoutDeadLetters().app)).toEqual(['AwsSolutions-SQS3'])
  })

  it('accept what is acknowledged', () => {
    const { app, queue } = queueWithoutDeadLetters()
    acknowledge(queue, 'AwsSolutions-SQS3', 'Holds what others gave up.')
    expect(violations(app)).toEqual([])
  })

  it('refuse an acknowledgement that excuses nothing', () => {
    const { app, queue } = queueWithoutDeadLetters()
    acknowledge(queue, 'AwsSolutions-SQS3', 'Holds what others gave up.')
    acknowledge(queue, 'AwsSolutions-SQS4', 'Was needed once.')
    expect(violations(app)).toEqual(['Otpost-UnusedAcknowledgement'])
  })

  it('refuse an acknowledgement in the wrong place', () => {
    const { app, queue } = queueWithoutDeadLetters()
    const other = new Queue(queue.stack, 'other', {
      enforceSSL: true,
      deadLetterQueue: { queue, maxReceiveCount: 1 },
    })
    acknowledge(other, 'AwsSolutions-SQS3', 'Meant for the other one.')
    expect(violations(app)).toEqual(['Otpost-UnusedAcknowledgement'])
  })

  it('accept one wildcard and still find its neighbour', () => {
    const stack = new Stack(new App(), 'stack')
    const role = new Role(stack, 'role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    })
    const arn = (name: string) =>
      stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name })
    new Policy(role, 'policy', {
      roles: [role],
      statements: [
        new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [arn('a/*'), arn('b/*')] }),
      ],
    })
    acknowledgeWildcard(role, arn('a/*'), 'Everything below a.')
    expect(new NagChecks().validateScope(stack).violations.map(({ ruleName }) => ruleName)).toEqual(
      [
        'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/b/*]',
      ],
    )
  })
})
