import { Duration } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import { type EntryName, OtpostFunction } from './otpost-function.ts'

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
  /** Answers logins. 512 MB buys the CPU that a PIN hash needs. */
  readonly validate: OtpostFunction
  /** Answers sign-ins and the management of users and tokens, within API Gateway's 30 s. */
  readonly admin: OtpostFunction
  /** Derives codes and mails them. */
  readonly deliver: OtpostFunction
  /** Checks the settings and publishes them. */
  readonly configure: OtpostFunction
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
    this.validate = make('validate', 512, 15, 'logins')
    this.admin = make('admin', 512, 29, 'management of users and tokens')
    this.deliver = make('deliver', 512, 30, 'sends codes by mail')
    this.configure = make('configure', 256, 60, 'checks and publishes the settings')
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

  /** Lets a function read who did what: the log groups of those that answer requests. */
  grantAudit(fn: OtpostFunction): void {
    const groups = [this.validate, this.admin].map(({ logGroup }) => logGroup)
    const names = groups.map(({ logGroupName }) => logGroupName)
    fn.addEnvironment(ENV.auditLogGroups, names.join(','))
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['logs:FilterLogEvents'],
        resources: groups.map(({ logGroupArn }) => logGroupArn),
      }),
    )
  }

  get all(): Record<EntryName, OtpostFunction> {
    const { validate, admin, deliver, configure, operator } = this
    return { validate, admin, deliver, configure, operator }
  }
}
