import { Duration } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import type { EntryName } from './bundle.ts'
import { OtpostFunction } from './otpost-function.ts'

export interface FunctionsProps {
  readonly stage: string
  /** How long a function may keep a settings snapshot before it reads the table again. */
  readonly settingsCache: Duration
  /**
   * Whether to send X-Ray traces.
   *
   * @default false
   */
  readonly tracing?: boolean
}

/** One function per privilege; none may do anything until it is granted. */
export class Functions extends Construct {
  /**
   * Answers logins. 512 MB buys the CPU that a PIN hash needs; the time, just below API Gateway's
   * 30 s, that a login is told so when a directory is slow twice, not that it crashed.
   */
  readonly validate: OtpostFunction
  /** Answers sign-ins and the management of users and tokens, within API Gateway's 30 s. */
  readonly admin: OtpostFunction
  /** Answers what people do with what is their own. 512 MB as for `validate`. */
  readonly selfservice: OtpostFunction
  /** Derives codes and mails them. */
  readonly deliver: OtpostFunction
  /** Notes what SES reports of mails. */
  readonly deliveryEvents: OtpostFunction
  /** Checks the settings and publishes them. */
  readonly configure: OtpostFunction
  /** Keeps the audit and the delivery log. */
  readonly record: OtpostFunction
  /** Asks directories outside of Otpost for users and passwords. Has no URL. */
  readonly resolve: OtpostFunction
  /** Does what the command line asks. Has no URL: only IAM lets anybody call it. */
  readonly operator: OtpostFunction

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id)
    const make = (name: EntryName, memorySize: number, seconds: number, description: string) =>
      new OtpostFunction(this, name[0]!.toUpperCase() + name.slice(1), {
        ...props,
        name,
        memorySize,
        timeout: Duration.seconds(seconds),
        description: `Otpost ${props.stage}: ${description}`,
      })
    this.validate = make('validate', 512, 29, 'logins')
    this.admin = make('admin', 512, 29, 'management of users and tokens')
    this.selfservice = make('selfservice', 512, 29, 'what people do with their own tokens')
    this.deliver = make('deliver', 512, 30, 'sends codes by mail')
    this.deliveryEvents = make('delivery-events', 256, 15, 'notes what became of mails')
    this.configure = make('configure', 256, 60, 'checks and publishes the settings')
    this.record = make('record', 256, 60, 'keeps the audit and the delivery log')
    this.resolve = make('resolve', 512, 14, 'asks other directories for users')
    this.operator = make('operator', 512, 60, 'runs the commands of the operator')
  }

  /** Lets a function have `deliver` send a test mail, and wait for how that went. */
  grantTestMail(fn: OtpostFunction): void {
    fn.addEnvironment(ENV.deliverFunction, this.deliver.functionName)
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [this.deliver.functionArn],
      }),
    )
  }

  get all(): Record<EntryName, OtpostFunction> {
    const { validate, admin, selfservice, deliver, deliveryEvents, configure, operator, record } =
      this
    const { resolve } = this
    return {
      validate,
      admin,
      selfservice,
      deliver,
      'delivery-events': deliveryEvents,
      configure,
      operator,
      record,
      resolve,
    }
  }
}
