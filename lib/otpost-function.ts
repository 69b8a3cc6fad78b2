import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { ENV } from '../functions/env.ts'
import { acknowledgeWildcard } from './acknowledge.ts'
import { bundledCode, type EntryName } from './bundle.ts'

export interface OtpostFunctionProps {
  /** Part of the function's name: `otpost-<stage>-<name>`. */
  readonly stage: string
  /** File in `functions/` without its extension. */
  readonly name: EntryName
  readonly description: string
  readonly memorySize: number
  readonly timeout: Duration
  /** How long the function may keep a settings snapshot before it reads the table again. */
  readonly settingsCache: Duration
  /**
   * How long its log is kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays
  /**
   * Whether to send X-Ray traces. IAM cannot limit those to a resource.
   *
   * @default false
   */
  readonly tracing?: boolean
}

/**
 * A function of Otpost: one bundled CommonJS file with the SDK inside (both load faster), its own
 * log group, and its own role that can write that log and nothing else until a construct grants it.
 */
export class OtpostFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: OtpostFunctionProps) {
    const { stage, name, tracing = false } = props
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What otpost-${stage}-${name} may do`,
    })
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      logGroupName: `/otpost/${stage}/${name}`,
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    })

    super(scope, id, {
      functionName: `otpost-${stage}-${name}`,
      description: props.description,
      code: bundledCode(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize,
      timeout: props.timeout,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      // At INFO the platform adds two records to every invocation that CloudWatch's metrics repeat.
      systemLogLevelV2: SystemLogLevel.WARN,
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        [ENV.stage]: stage,
        [ENV.settingsCacheMs]: String(props.settingsCache.toMilliseconds()),
      },
    })

    logGroup.grantWrite(role)
    if (tracing) {
      acknowledgeWildcard(role, '*', 'X-Ray has no resources: its two actions accept only "*".')
    }
  }
}
