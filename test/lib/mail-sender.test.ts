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
