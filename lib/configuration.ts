import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import { acknowledgeWildcard } from './acknowledge.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface ConfigurationProps {
  readonly stage: string
}

const SIGNING_KEY = '/signing.key'

/** The settings as admins edit them: SSM parameters under `/otpost/<stage>/`. */
export class Configuration extends Construct {
  readonly #stage: string

  constructor(scope: Construct, id: string, { stage }: ConfigurationProps) {
    super(scope, id)
    this.#stage = stage
  }

  /**
   * Runs a function soon after every change, and every five minutes in case an event was lost.
   * The sweep also publishes the first snapshot of a new deployment.
   */
  publishedBy(fn: OtpostFunction): void {
    const target = new LambdaFunction(fn)
    new Rule(this, 'Changed', {
      ruleName: `otpost-${this.#stage}-parameter-changed`,
      description: `A setting of Otpost ${this.#stage} was edited`,
      eventPattern: {
        source: ['aws.ssm'],
        detailType: ['Parameter Store Change'],
        detail: { name: [{ prefix: `/otpost/${this.#stage}/` }] },
      },
      targets: [target],
    })
    new Rule(this, 'Sweep', {
      ruleName: `otpost-${this.#stage}-settings-sweep`,
      description: `Publishes the settings of Otpost ${this.#stage} again`,
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [target],
    })
  }

  /** Lists the parameters; secret ones stay encrypted. */
  grantList(fn: OtpostFunction): void {
    this.#allowTree(fn, ['GetParametersByPath'])
    this.#keepEncrypted(fn)
  }

  /** Reads the mail servers' credentials and nothing else. */
  grantMailCredentials(fn: OtpostFunction): void {
    const names = ['email.password', 'email.client_key']
    const secrets = ['password', 'client_key'].map((kind) => this.#arn(`/providers/*.${kind}`))
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [...names.map((name) => this.#arn(`/${name}`)), ...secrets],
      }),
    )
    for (const secret of secrets) {
      acknowledgeWildcard(
        fn.role!,
        secret,
        'Providers are named by whoever adds them; only their secrets have such a name.',
      )
    }
  }

  /** Reads the passwords of those who look for users in other directories, and nothing else. */
  grantResolverPasswords(fn: OtpostFunction): void {
    const secret = this.#arn('/resolvers/*.password')
    fn.addToRolePolicy(new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [secret] }))
    acknowledgeWildcard(
      fn.role!,
      secret,
      'Resolvers are named by whoever adds them; only their passwords have such a name.',
    )
  }

  /** Reads the key that signs answers and nothing else. */
  grantSigningKey(fn: OtpostFunction): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: ['ssm:GetParameter'],
        resources: [this.#arn(SIGNING_KEY)],
      }),
    )
  }

  /** Lists and edits every parameter; secret ones but the signing key stay encrypted. */
  grantEdit(fn: OtpostFunction): void {
    this.#allowTree(fn, ['GetParametersByPath', 'PutParameter', 'DeleteParameter'])
    this.#keepEncrypted(fn, { 'kms:EncryptionContext:PARAMETER_ARN': this.#arn(SIGNING_KEY) })
  }

  /**
   * Who may list parameters may have them listed in the clear: Parameter Store's own key opens to the
   * whole account, so only a refusal keeps the passwords of mail servers and directories from them.
   */
  #keepEncrypted(fn: OtpostFunction, except?: Record<string, string>): void {
    fn.addToRolePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ['kms:Decrypt'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:ViaService': `ssm.${Stack.of(this).region}.amazonaws.com` },
          ...(except && { StringNotEquals: except }),
        },
      }),
    )
  }

  #allowTree(fn: OtpostFunction, actions: string[]): void {
    const tree = this.#arn('/*')
    fn.addToRolePolicy(
      new PolicyStatement({
        actions: actions.map((action) => `ssm:${action}`),
        // Listing is authorised on the path itself, with or without its last slash.
        resources: [this.#arn(''), tree],
      }),
    )
    acknowledgeWildcard(
      fn.role!,
      tree,
      'Settings have many names (policies/<name>, providers/<name>); all are below one prefix.',
    )
  }

  #arn(below: string): string {
    return Stack.of(this).formatArn({
      service: 'ssm',
      resource: 'parameter',
      resourceName: `otpost/${this.#stage}${below}`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    })
  }
}
