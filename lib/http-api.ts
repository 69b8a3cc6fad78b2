import { RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface OtpostApiProps {
  readonly stage: string
  /** Answers everything a login needs. */
  readonly validate: OtpostFunction
  /** Answers what people do with what is their own. */
  readonly selfservice: OtpostFunction
  /** Answers everything else. */
  readonly admin: OtpostFunction
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
   * How long the access log is kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays
}

/** PINs and codes may come in a query: no path, no query and no header is ever logged. */
const ACCESS_LOG = {
  time: '$context.requestTimeEpoch',
  request_id: '$context.requestId',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  method: '$context.httpMethod',
  status: '$context.status',
  bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_status: '$context.integrationStatus',
}

/** The way in: logins to `validate`, people to `selfservice`, all else to `admin`; throttled before they run. */
export class OtpostApi extends Construct {
  readonly api: HttpApi
  /** Without a slash at the end. */
  readonly url: string

  constructor(scope: Construct, id: string, props: OtpostApiProps) {
    super(scope, id)
    const { stage, validate, selfservice, admin } = props
    const integration = (name: string, fn: OtpostFunction) =>
      new HttpLambdaIntegration(name, fn, { scopePermissionToRoute: false })

    this.api = new HttpApi(this, 'Api', {
      apiName: `otpost-${stage}`,
      description: `Otpost ${stage}`,
      createDefaultStage: false,
      disableExecuteApiEndpoint: false,
      defaultIntegration: integration('Admin', admin),
    })
    this.#routeLogins(integration('Validate', validate))
    const own = integration('SelfService', selfservice)
    for (const path of ['/v1/self', '/v1/self/{proxy+}']) {
      this.api.addRoutes({ path, methods: [HttpMethod.ANY], integration: own })
    }

    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: `/otpost/${stage}/access`,
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.rateLimit ?? 100, burstLimit: props.burstLimit ?? 200 },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    })
    this.url = this.api.apiEndpoint

    acknowledge(
      this.api,
      'AwsSolutions-APIG4',
      'The service authenticates its callers itself: sessions and API keys, and open logins as the ' +
        'plugins that speak its wires expect.',
    )
  }

  #routeLogins(integration: HttpLambdaIntegration): void {
    const any = [HttpMethod.ANY]
    const get = [HttpMethod.GET]
    this.api.addRoutes({ path: '/validate/{proxy+}', methods: any, integration })
    this.api.addRoutes({ path: '/linotp/validate/{proxy+}', methods: any, integration })
    this.api.addRoutes({ path: '/v1/challenges', methods: any, integration })
    this.api.addRoutes({ path: '/v1/challenges/{proxy+}', methods: any, integration })
    this.api.addRoutes({ path: '/v1/authentications', methods: any, integration })
    this.api.addRoutes({ path: '/healthz', methods: get, integration })
  }
}
