import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { Alarms } from './alarms.ts'
import { Configuration } from './configuration.ts'
import type { Deployment } from './context.ts'
import type { DataStack } from './data-stack.ts'
import { DeliverQueue } from './deliver-queue.ts'
import { Functions } from './functions.ts'
import { OtpostApi } from './http-api.ts'
import { MailSender } from './mail-sender.ts'
import { nextSteps } from './next-steps.ts'

export interface ServiceStackProps extends StackProps {
  readonly deployment: Deployment
  readonly data: DataStack
  /**
   * Requests per second, over all callers.
   *
   * @default 100
   */
  readonly rateLimit?: number
  /**
   * Requests at once above the rate.
   *
   * @default 200
   */
  readonly burstLimit?: number
  /**
   * How many mails are sent at once.
   *
   * @default 10
   */
  readonly deliverConcurrency?: number
  /**
   * Whether to send X-Ray traces.
   *
   * @default false
   */
  readonly tracing?: boolean
}

/** What runs: nothing here is lost when the stack is deleted and deployed again. */
export class ServiceStack extends Stack {
  readonly functions: Functions
  readonly api: OtpostApi
  readonly deliverQueue: DeliverQueue
  readonly configuration: Configuration
  readonly mail: MailSender

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    const { deployment, data, tracing, rateLimit, burstLimit } = props
    const { stage, mailDomain, mailFrom, alarmEmail } = deployment
    super(scope, id, { description: `Otpost ${stage}: one-time passwords by e-mail`, ...props })

    this.functions = new Functions(this, 'Functions', {
      stage,
      tracing,
      settingsCache: Duration.seconds(deployment.settingsCacheSeconds),
    })
    const { validate, admin, deliver, configure } = this.functions
    this.api = new OtpostApi(this, 'Api', { stage, validate, admin, rateLimit, burstLimit })
    this.deliverQueue = new DeliverQueue(this, 'Deliver', { stage })
    this.deliverQueue.consumedBy(deliver, { maxConcurrency: props.deliverConcurrency })
    this.configuration = new Configuration(this, 'Configuration', { stage })
    this.configuration.publishedBy(configure)
    this.mail = new MailSender(this, 'Mail', { stage, mailDomain, mailFrom })
    this.#grant(data)

    const { deliverQueue, api } = this
    new Alarms(this, 'Alarms', { stage, api, validate, deliver, deliverQueue, alarmEmail })
    this.#output(deployment)
  }

  /** Who may do what: everything a function can reach is on this page. */
  #grant({ tokens, challenges, dataKey }: DataStack): void {
    const { validate, admin, deliver, configure, operator } = this.functions

    tokens.grantLogin(validate)
    challenges.grantLogin(validate)
    this.deliverQueue.grantSend(validate)
    dataKey.grantUnwrap(validate, ['answer', 'pin', 'session'])
    this.configuration.grantSigningKey(validate)

    tokens.grantDelivery(deliver)
    challenges.grantDelivery(deliver)
    this.mail.grantSend(deliver)
    this.configuration.grantMailCredentials(deliver)
    dataKey.grantUnwrap(deliver, ['secret', 'answer'])

    tokens.grantAdministration(admin)
    tokens.grantPublishing(admin)
    challenges.grantLogin(admin)
    this.deliverQueue.grantSend(admin)
    this.configuration.grantEdit(admin)
    this.configuration.grantSigningKey(admin)
    this.functions.grantTestMail(admin)
    this.functions.grantAudit(admin)
    dataKey.grantUnwrap(admin, ['secret', 'answer', 'pin', 'session'])

    tokens.grantPublishing(configure)
    this.configuration.grantList(configure)

    tokens.grantOperation(operator)
    challenges.grantInspect(operator)
    this.functions.grantTestMail(operator)
    this.deliverQueue.grantInspect(operator)
    this.mail.grantInspect(operator)
    dataKey.grantWrap(operator, ['secret', 'answer', 'pin', 'session'])
  }

  #output(deployment: Deployment): void {
    new CfnOutput(this, 'ApiUrl', { value: this.api.url, description: 'Where plugins connect to' })
    const steps = nextSteps(deployment, this.mail.dnsRecords)
    steps.forEach((value, index) => new CfnOutput(this, `NextStep${index + 1}`, { value }))
  }
}
