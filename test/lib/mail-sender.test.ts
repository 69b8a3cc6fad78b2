import { Match } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, it } from 'vitest'
import { all } from './statements.ts'
import { synth, type Synthesized } from './synth.ts'

describe('a mail domain', () => {
  let mail: Synthesized
  beforeAll(() => void (mail = synth({ mailDomain: 'example.org' })))

  it('is an identity that signs, and insists on TLS', () => {
    mail.service.hasResourceProperties('AWS::SES::EmailIdentity', {
      EmailIdentity: 'example.org',
      DkimAttributes: { SigningEnabled: true },
      MailFromAttributes: { MailFromDomain: 'bounce.example.org' },
      ConfigurationSetAttributes: Match.anyValue(),
    })
    mail.service.hasResourceProperties('AWS::SES::ConfigurationSet', {
      Name: 'otpost-dev',
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
    })
  })

  it('tells the operator which DNS records to create', () => {
    const step = JSON.stringify(mail.service.findOutputs('NextStep1'))
    for (const part of ['DkimDNSTokenName1', 'DkimDNSTokenValue3', 'bounce.example.org MX 10']) {
      expect(step).toContain(part)
    }
  })

  it('is not made unless asked for', () => {
    expect(all(synth().service, 'AWS::SES::EmailIdentity')).toHaveLength(0)
  })
})

describe('what SES reports (fault table: bounces and complaints)', () => {
  let mail: Synthesized
  beforeAll(() => void (mail = synth()))

  it('goes to the default bus, for whatever identity sends', () => {
    mail.service.hasResourceProperties('AWS::SES::ConfigurationSetEventDestination', {
      ConfigurationSetName: Match.anyValue(),
      EventDestination: {
        Enabled: true,
        EventBridgeDestination: Match.anyValue(),
        MatchingEventTypes: [
          'send',
          'delivery',
          'bounce',
          'complaint',
          'reject',
          'deliveryDelay',
          'renderingFailure',
        ],
      },
    })
  })

  it('starts the function for our own mails, and what it cannot take is kept', () => {
    const [rule] = all(mail.service, 'AWS::Events::Rule').filter(({ Properties }) =>
      String(Properties.Name).endsWith('mail-event'),
    )
    expect(rule!.Properties.EventPattern).toEqual({
      source: ['aws.ses'],
      account: [{ Ref: 'AWS::AccountId' }],
      'detail-type': [
        'Email Delivered',
        'Email Delivery Delayed',
        'Email Bounced',
        'Email Complaint Received',
        'Email Rejected',
        'Email Rendering Failed',
      ],
      detail: { mail: { tags: { 'ses:configuration-set': ['otpost-dev'] } } },
    })
    expect(rule!.Properties.Targets[0]).toHaveProperty('DeadLetterConfig')
    mail.service.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    })
  })

  it('is asked for by every mail of deliver', () => {
    mail.service.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'otpost-dev-deliver',
      Environment: { Variables: Match.objectLike({ OTPOST_CONFIGURATION_SET: 'otpost-dev' }) },
    })
  })
})
