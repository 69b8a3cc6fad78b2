import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { all } from './statements.ts'
import { synth, type Synthesized } from './synth.ts'

const runbook = readFileSync(new URL('../../.github/RUNBOOK.md', import.meta.url), 'utf8')
const sections = new Map(
  runbook
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0]!, section] as const),
)

let synthesized: Synthesized
beforeAll(() => void (synthesized = synth({ alarmEmail: 'ops@example.org' })))

const alarms = () => all(synthesized.service, 'AWS::CloudWatch::Alarm')

describe('alarms', () => {
  it('watch settings, mail, logins and the API', () => {
    const watched = alarms().map(({ Properties: { Namespace, MetricName, Threshold } }) =>
      [Namespace, MetricName, Threshold].join(' '),
    )
    expect(watched.toSorted()).toEqual([
      'AWS/ApiGateway 5xx 5',
      'AWS/Lambda Errors 1',
      'AWS/Lambda Errors 1',
      'AWS/Lambda Errors 1',
      'AWS/Lambda Errors 5',
      'AWS/Lambda Throttles 1',
      'AWS/SQS ApproximateNumberOfMessagesVisible 1',
      'AWS/SQS ApproximateNumberOfMessagesVisible 1',
      'AWS/SQS ApproximateNumberOfMessagesVisible 1',
      'Otpost MailBounced 0.05',
      'Otpost MailComplained 0.001',
      'Otpost SettingsRefused 1',
      'Otpost/dev AddressDisputed 1',
      'Otpost/dev AddressNoticeLost 1',
      'Otpost/dev ProviderResting 1',
    ])
  })

  it('read the metric of this stage only', () => {
    const alarm = alarms().find(({ Properties }) => Properties.MetricName === 'SettingsRefused')!
    expect(alarm.Properties.Dimensions).toEqual([{ Name: 'stage', Value: 'dev' }])
  })

  it('count what the functions log of it', () => {
    const filters = all(synthesized.service, 'AWS::Logs::MetricFilter').map(
      ({ Properties: { FilterPattern, LogGroupName, MetricTransformations } }) => [
        LogGroupName.Ref.replace(/Logs.*/, ''),
        MetricTransformations[0].MetricName,
        FilterPattern,
      ],
    )
    const [disputed, lost] = ['address_disputed', 'address_notice_lost'].map(
      (line) => `{ $.message = "${line}" }`,
    )
    expect(filters.toSorted()).toEqual([
      ['FunctionsAdmin', 'AddressNoticeLost', lost],
      [
        'FunctionsDeliver',
        'ProviderResting',
        '{ ($.message = "provider state") && ($.state = "open") }',
      ],
      ['FunctionsOperator', 'AddressNoticeLost', lost],
      ['FunctionsSelfservice', 'AddressDisputed', disputed],
      ['FunctionsSelfservice', 'AddressNoticeLost', lost],
    ])
  })

  it('stay quiet while nobody logs in', () => {
    for (const { Properties } of alarms()) {
      expect(Properties.TreatMissingData).toBe('notBreaching')
    }
  })

  it('each name a section of the runbook that says what to look at and what to do', () => {
    const named = alarms().map(({ Properties }) => {
      const [, anchor] = /\.github\/RUNBOOK\.md#([a-z0-9-]+)$/.exec(Properties.AlarmDescription)!
      return anchor!
    })
    expect(named.toSorted()).toEqual([...sections.keys()].toSorted())
    for (const anchor of named) {
      expect(sections.get(anchor)).toMatch(
        /\*\*Description\.\*\*[^]*\*\*Investigation\.\*\*[^]*\*\*Resolution\.\*\*/,
      )
    }
  })

  it('come by mail, and so does the end of them', () => {
    for (const { Properties } of alarms()) {
      expect(Properties.AlarmActions).toHaveLength(1)
      expect(Properties.OKActions).toEqual(Properties.AlarmActions)
    }
    synthesized.service.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.org',
    })
  })

  it('pass an encrypted topic that refuses plain connections and admits CloudWatch', () => {
    const [topic] = all(synthesized.service, 'AWS::SNS::Topic')
    expect(topic!.Properties).toHaveProperty('KmsMasterKeyId')
    const [policy] = all(synthesized.service, 'AWS::SNS::TopicPolicy')
    const statements = policy!.Properties.PolicyDocument.Statement
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    )
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    )
  })

  it('only show in CloudWatch when no mailbox is given', () => {
    const { service } = synth()
    expect(all(service, 'AWS::SNS::Topic')).toHaveLength(0)
    expect(all(service, 'AWS::CloudWatch::Alarm')).toHaveLength(15)
  })
})
