import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { KEY_PURPOSES } from '../functions/core/key-purposes.ts'
import { Alarms } from './alarms.ts'
import { Configuration } from './configuration.ts'
import type { Deployment } from './context.ts'
import type { DataStack } from './data-stack.ts'
import { DeliverQueue } from './deliver-queue.ts'
import { Functions } from './functions.ts'
import { OtpostApi } from './http-api.ts'
import { MailEvents } from './mail-events.ts'
import { MailSender } from './mail-sender.ts'
import { nextSteps } from './next-steps.ts'
import type { OtpostFunction } from './otpost-function.ts'
import { Recording } from './recording.ts'
import { Resolving } from './resolving.ts'

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
  readonly mailEvents: MailEvents
  readonly recording: Recording
  readonly resolving: Resolving

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    const { deployment, data, tracing, rateLimit, burstLimit } = props
    const { stage, mailDomain, mailFrom, alarmEmail } = deployment
    super(scope, id, { description: `Otpost ${stage}: one-time passwords by e-mail`, ...props })

    this.functions = new Functions(this, 'Functions', {
      stage,
      tracing,
      settingsCache: Duration.seconds(deployment.settingsCacheSeconds),
    })
    const { validate, admin, selfservice, deliver, configure } = this.functions
    const served = { validate, admin, selfservice }
    this.api = new OtpostApi(this, 'Api', { stage, ...served, rateLimit, burstLimit })
    this.deliverQueue = new DeliverQueue(this, 'Deliver', { stage })
    this.deliverQueue.consumedBy(deliver, { maxConcurrency: props.deliverConcurrency })
    this.configuration = new Configuration(this, 'Configuration', { stage })
    this.configuration.publishedBy(configure)
    this.mail = new MailSender(this, 'Mail', { stage, mailDomain, mailFrom })
    const { configurationSet } = this.mail
    this.mailEvents = new MailEvents(this, 'MailEvents', { stage, configurationSet })
    this.mailEvents.takenBy(this.functions.deliveryEvents)
    this.recording = new Recording(this, 'Recording', {
      stage,
      record: this.functions.record,
      recorded: this.#recorded(),
    })
    this.resolving = new Resolving(this, 'Resolving', {
      resolve: this.functions.resolve,
      userPools: deployment.userPools,
      network: deployment.ldapNetwork,
    })
    this.#grant(data)

    const { deliverQueue, mailEvents, recording, api } = this
    const watched = { api, deliverQueue, mailEvents, recording }
    new Alarms(this, 'Alarms', { stage, ...this.functions, ...watched, alarmEmail })
    this.#output(deployment)
  }

  /** Whose logs hold acts or deliveries. */
  #recorded(): OtpostFunction[] {
    const { validate, admin, selfservice, operator, deliver, deliveryEvents } = this.functions
    return [validate, admin, selfservice, operator, deliver, deliveryEvents]
  }

  /** Who may do what: everything a function can reach is on this page. */
  #grant({ tokens, challenges, records, dataKey }: DataStack): void {
    const { validate, admin, selfservice } = this.functions
    const { deliver, deliveryEvents, configure, operator, record } = this.functions

    tokens.grantLogin(validate)
    tokens.grantAdminSessions(validate)
    challenges.grantLogin(validate)
    this.deliverQueue.grantSend(validate)
    dataKey.grantUnwrap(validate, ['answer', 'pin', 'api'])
    this.configuration.grantSigningKey(validate)

    // Its own item is all that a request changes; the secrets of the tokens it makes are derived.
    tokens.grantLogin(selfservice)
    challenges.grantLogin(selfservice)
    records.grantReadAbout(selfservice)
    this.deliverQueue.grantSend(selfservice)
    dataKey.grantUnwrap(selfservice, ['answer', 'pin', 'self'])

    tokens.grantDelivery(deliver)
    challenges.grantDelivery(deliver)
    this.mail.grantSend(deliver)
    this.configuration.grantMailCredentials(deliver)
    dataKey.grantUnwrap(deliver, ['secret', 'answer', 'report'])

    tokens.grantReport(deliveryEvents)
    challenges.grantReport(deliveryEvents)
    dataKey.grantUnwrap(deliveryEvents, ['report'])

    tokens.grantAdministration(admin)
    tokens.grantPublishing(admin)
    challenges.grantLogin(admin)
    this.deliverQueue.grantSend(admin)
    this.configuration.grantEdit(admin)
    this.configuration.grantSigningKey(admin)
    this.functions.grantTestMail(admin)
    records.grantRead(admin)
    dataKey.grantUnwrap(admin, ['secret', 'answer', 'pin', 'session', 'api', 'audit'])

    tokens.grantPublishing(configure)
    this.configuration.grantList(configure)

    tokens.grantOperation(operator)
    challenges.grantInspect(operator)
    challenges.grantRegistration(operator)
    this.deliverQueue.grantSend(operator)
    this.functions.grantTestMail(operator)
    this.deliverQueue.grantInspect(operator)
    this.mail.grantInspect(operator)
    records.grantRead(operator)
    dataKey.grantWrap(operator, KEY_PURPOSES)

    for (const fn of [validate, selfservice, deliver, admin, operator]) this.resolving.grantAsk(fn)
    const { resolve } = this.functions
    tokens.grantSettings(resolve)
    this.configuration.grantResolverPasswords(resolve)

    tokens.grantRecording(record)
    records.grantAppend(record)
    dataKey.grantUnwrap(record, ['audit'])
  }

  #output(deployment: Deployment): void {
    new CfnOutput(this, 'ApiUrl', { value: this.api.url, description: 'Where plugins connect to' })
    const steps = nextSteps(deployment, this.mail.dnsRecords)
    steps.forEach((value, index) => new CfnOutput(this, `NextStep${index + 1}`, { value }))
  }
}
