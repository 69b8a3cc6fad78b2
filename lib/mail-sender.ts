import { ArnFormat, Stack } from 'aws-cdk-lib'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
} from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import { acknowledgeWildcard } from './acknowledge.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface MailSenderProps {
  readonly stage: string
  /**
   * Domain to send from.
   *
   * @default - no identity is made; mail goes out from one verified elsewhere, or by SMTP
   */
  readonly mailDomain?: string
  /**
   * The only sender allowed.
   *
   * @default - any address of the identity
   */
  readonly mailFrom?: string
}

/** Whether people open a mail or follow links is none of our business. */
const REPORTED = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
  EmailSendingEvent.DELIVERY_DELAY,
  EmailSendingEvent.RENDERING_FAILURE,
]

/** The right to send by SES, and the identity that mail comes from. */
export class MailSender extends Construct {
  /** DNS records to create, as `<name> <type> <value>`. Empty without a mail domain. */
  readonly dnsRecords: string[] = []
  readonly #identities: string[]
  /** Name of the SES configuration set that every mail goes out by. */
  readonly configurationSet: string
  readonly #mailFrom: string | undefined

  constructor(scope: Construct, id: string, { stage, mailDomain, mailFrom }: MailSenderProps) {
    super(scope, id)
    this.#mailFrom = mailFrom
    this.#identities = identityNames(mailDomain, mailFrom)
    this.configurationSet = `otpost-${stage}`
    const configurationSet = new ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: this.configurationSet,
      reputationMetrics: true,
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    })
    configurationSet.addEventDestination('Events', {
      // The only bus that SES knows.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'Bus', 'default')),
      events: REPORTED,
    })
    if (!mailDomain) return

    const identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(mailDomain),
      configurationSet,
      dkimSigning: true,
      mailFromDomain: `bounce.${mailDomain}`,
    })
    this.dnsRecords.push(
      ...identity.dkimRecords.map(({ name, value }) => `${name} CNAME ${value}`),
      `bounce.${mailDomain} MX 10 feedback-smtp.${Stack.of(this).region}.amazonses.com`,
      `bounce.${mailDomain} TXT "v=spf1 include:amazonses.com ~all"`,
      `_dmarc.${mailDomain} TXT "v=DMARC1; p=none"`,
    )
  }

  /** Lets a function send mail that SES reports of. */
  grantSend(fn: OtpostFunction): void {
    fn.addEnvironment(ENV.configurationSet, this.configurationSet)
    fn.addToRolePolicy(
      new PolicyStatement({
        // A raw message needs both, also through SES's second API.
        actions: ['ses:SendEmail', 'ses:SendRawEmail'],
        resources: [
          ...this.#identityArns(fn),
          this.#arn('configuration-set', this.configurationSet),
        ],
        conditions: this.#mailFrom
          ? { StringEquals: { 'ses:FromAddress': this.#mailFrom } }
          : undefined,
      }),
    )
  }

  /** Lets a function see whether the account and the identity may send. */
  grantInspect(fn: OtpostFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['ses:GetEmailIdentity'],
        resources: this.#identityArns(fn),
      }),
    )
    fn.addToRolePolicy(new PolicyStatement({ actions: ['ses:GetAccount'], resources: ['*'] }))
    acknowledgeWildcard(fn.role!, '*', 'ses:GetAccount accepts no other resource; it only reads.')
  }

  #identityArns(fn: OtpostFunction): string[] {
    if (this.#identities.length > 0)
      return this.#identities.map((name) => this.#arn('identity', name))
    const any = this.#arn('identity', '*')
    acknowledgeWildcard(
      fn.role!,
      any,
      'Without mailDomain or mailFrom the sender is a setting, not known at deployment: any identity ' +
        'verified in this account and region may be it. Deploy with mailFrom to name one.',
    )
    return [any]
  }

  #arn(resource: string, resourceName: string): string {
    const arnFormat = ArnFormat.SLASH_RESOURCE_NAME
    return Stack.of(this).formatArn({ service: 'ses', resource, resourceName, arnFormat })
  }
}

/** SES authorises an address on the most specific identity verified for it. */
function identityNames(mailDomain?: string, mailFrom?: string): string[] {
  const domain = mailFrom?.slice(mailFrom.lastIndexOf('@') + 1)
  const names = [mailDomain, domain, mailFrom].filter((name) => name !== undefined)
  return [...new Set(names)]
}
