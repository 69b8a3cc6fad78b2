import { Duration, Stack } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { beforeAll, describe, expect, it } from 'vitest'
import { NagChecks } from '../../lib/nag-checks.ts'
import { OtpostFunction } from '../../lib/otpost-function.ts'
import { all } from './statements.ts'
import { synth, type Synthesized, testApp } from './synth.ts'

let synthesized: Synthesized
beforeAll(() => void (synthesized = synth()))

const resources = (type: string) => all(synthesized.service, type)

describe('functions', () => {
  const functions = () =>
    new Map(resources('AWS::Lambda::Function').map((fn) => [fn.Properties.FunctionName, fn]))

  it.each([
    ['validate', 512, 29],
    ['admin', 512, 29],
    ['selfservice', 512, 29],
    ['deliver', 512, 30],
    ['delivery-events', 256, 15],
    ['configure', 256, 60],
    ['record', 256, 60],
    ['resolve', 512, 14],
    ['operator', 512, 60],
  ])('%s has %i MB and %i s', (name, memory, seconds) => {
    expect(functions().get(`otpost-dev-${name}`)!.Properties).toMatchObject({
      MemorySize: memory,
      Timeout: seconds,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    })
  })

  it('are exactly these nine: nothing of the CDK runs beside them', () => {
    const login = ['admin', 'selfservice', 'validate']
    const mail = ['deliver', 'delivery-events']
    const names = [...login, ...mail, 'configure', 'operator', 'record', 'resolve']
    expect([...functions().keys()].toSorted()).toEqual(
      names.map((name) => `otpost-dev-${name}`).toSorted(),
    )
  })

  it('may take as long as a directory that is asked for a user and their password', () => {
    const timeout = (name: string) => functions().get(`otpost-dev-${name}`)!.Properties.Timeout
    for (const asking of ['validate', 'selfservice', 'admin', 'deliver', 'operator']) {
      expect(timeout(asking)).toBeGreaterThan(2 * timeout('resolve'))
    }
  })

  it('log as JSON to a group of their own, for three months', () => {
    const groups = resources('AWS::Logs::LogGroup').map(({ Properties }) => Properties)
    for (const { Properties } of functions().values()) {
      const name = Properties.FunctionName.replace('otpost-dev-', '')
      expect(groups).toContainEqual(
        expect.objectContaining({ LogGroupName: `/otpost/dev/${name}`, RetentionInDays: 90 }),
      )
      expect(Properties.LoggingConfig).toMatchObject({
        LogFormat: 'JSON',
        SystemLogLevel: 'WARN',
      })
    }
  })

  it('get no variable that changes how Node runs', () => {
    for (const { Properties } of functions().values()) {
      expect(Object.keys(Properties.Environment.Variables)).not.toContain('NODE_OPTIONS')
    }
  })

  it('send no traces', () => {
    expect(JSON.stringify(synthesized.service.toJSON())).not.toMatch(/xray|TracingConfig/)
  })

  it('send traces when told to, which the checks accept', () => {
    const stack = new Stack(testApp(), 'stack')
    new OtpostFunction(stack, 'Validate', {
      stage: 'dev',
      name: 'validate',
      description: 'logins',
      memorySize: 512,
      timeout: Duration.seconds(15),
      settingsCache: Duration.seconds(5),
      tracing: true,
    })
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      TracingConfig: { Mode: 'Active' },
    })
    expect(new NagChecks().validateScope(stack).violations).toEqual([])
  })
})

describe('the API', () => {
  const target = (routeKey: string) => {
    const { Resources } = synthesized.service.toJSON()
    const route = resources('AWS::ApiGatewayV2::Route').find(
      ({ Properties }) => Properties.RouteKey === routeKey,
    )!
    const integration = Resources[route.Properties.Target['Fn::Join'][1][1].Ref]
    const fn = Resources[integration.Properties.IntegrationUri['Fn::GetAtt'][0]]
    return fn.Properties.FunctionName
  }

  it.each([
    ['ANY /validate/{proxy+}', 'validate'],
    ['ANY /linotp/validate/{proxy+}', 'validate'],
    ['ANY /v1/challenges', 'validate'],
    ['ANY /v1/challenges/{proxy+}', 'validate'],
    ['ANY /v1/self', 'selfservice'],
    ['ANY /v1/self/{proxy+}', 'selfservice'],
    ['ANY /v1/authentications', 'validate'],
    ['GET /healthz', 'validate'],
    ['$default', 'admin'],
  ])('sends %s to %s', (routeKey, name) => {
    expect(target(routeKey)).toBe(`otpost-dev-${name}`)
  })

  it('has no other route, so nothing reaches the operator or resolvers from outside', () => {
    expect(resources('AWS::ApiGatewayV2::Route')).toHaveLength(9)
    expect(resources('AWS::Lambda::Url')).toHaveLength(0)
    const callers = resources('AWS::Lambda::Permission').map(({ Properties }) =>
      JSON.stringify(Properties.FunctionName),
    )
    expect(callers.filter((caller) => /Operator|Resolve/.test(caller))).toEqual([])
  })

  it('N22, N23: is HTTPS of API Gateway alone; the stack has no network and no open port', () => {
    const { Resources } = synthesized.service.toJSON() as {
      Resources: Record<string, { Type: string }>
    }
    const types = Object.values(Resources).map(({ Type }) => Type)
    const kinds = types.map((type) => type.split('::')[1])
    for (const kind of ['EC2', 'ElasticLoadBalancing', 'ElasticLoadBalancingV2', 'ApiGateway']) {
      expect(kinds).not.toContain(kind)
    }
    expect(types.filter((type) => type.startsWith('AWS::SES::ReceiptRule'))).toEqual([])
    for (const { Properties } of resources('AWS::ApiGatewayV2::Api')) {
      expect(Properties.ProtocolType).toBe('HTTP')
    }
  })

  it('is throttled before any function runs', () => {
    synthesized.service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    })
  })

  it('logs every request without its path, query or headers, where a PIN may be', () => {
    const [stage] = resources('AWS::ApiGatewayV2::Stage')
    const variables = Object.values(JSON.parse(stage!.Properties.AccessLogSettings.Format))
    expect(variables.toSorted()).toEqual([
      '$context.httpMethod',
      '$context.identity.sourceIp',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.responseLength',
      '$context.routeKey',
      '$context.status',
    ])
    synthesized.service.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/otpost/dev/access',
      RetentionInDays: 90,
    })
  })
})

describe('the deliver queue', () => {
  it('holds a message as long as a code lives and gives it up after ten tries', () => {
    synthesized.service.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'otpost-dev-deliver',
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 15 * 60,
      RedrivePolicy: {
        maxReceiveCount: 10,
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetters'), 'Arn'] },
      },
    })
    synthesized.service.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'otpost-dev-deliver-dead',
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
    })
  })

  it('hides a message for longer than deliver may work on it', () => {
    const queue = resources('AWS::SQS::Queue').find(
      ({ Properties }) => Properties.QueueName === 'otpost-dev-deliver',
    )!
    const deliver = resources('AWS::Lambda::Function').find(
      ({ Properties }) => Properties.FunctionName === 'otpost-dev-deliver',
    )!
    expect(queue.Properties.VisibilityTimeout).toBeGreaterThan(deliver.Properties.Timeout)
  })

  it('refuses connections without TLS, as every queue does', () => {
    const policies = resources('AWS::SQS::QueuePolicy')
    expect(policies).toHaveLength(resources('AWS::SQS::Queue').length)
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sqs:*',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      )
    }
  })

  it('feeds deliver one mail at a time, ten at once', () => {
    synthesized.service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    })
  })
})

describe('settings', () => {
  it.each([
    {
      EventPattern: {
        source: ['aws.ssm'],
        'detail-type': ['Parameter Store Change'],
        detail: { name: [{ prefix: '/otpost/dev/' }] },
      },
    },
    { ScheduleExpression: 'rate(5 minutes)' },
  ])('are published on %o', (rule) => {
    synthesized.service.hasResourceProperties('AWS::Events::Rule', {
      ...rule,
      State: 'ENABLED',
      Targets: [
        Match.objectLike({
          Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('FunctionsConfigure'), 'Arn'] },
        }),
      ],
    })
  })

  it('are cached by every function for as long as the deployment says', () => {
    const { service } = synth({ settingsCacheSeconds: 1 })
    for (const { Properties } of all(service, 'AWS::Lambda::Function')) {
      expect(Properties.Environment.Variables.OTPOST_SETTINGS_CACHE_MS).toBe('1000')
    }
  })
})

describe('outputs', () => {
  it('say where to connect and what to do next', () => {
    const outputs = synthesized.service.findOutputs('*')
    const text = JSON.stringify(outputs)
    expect(Object.keys(outputs)).toContain('ApiUrl')
    expect(text).toContain('npx otpost admin add <name> --stage dev')
    expect(text).toContain('/otpost/dev/email.mailfrom')
    expect(text).toContain('sandbox')
  })
})
