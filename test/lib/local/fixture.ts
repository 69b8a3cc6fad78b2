/** A small synthesized app, written by hand: what the local stack must be able to run. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const BUNDLES: Record<string, string> = {
  echo: `
    exports.handler = async (event) => {
      if (event.rawPath === '/fail') throw new TypeError('broken')
      if (event.rawPath === '/exit') process.exit(3)
      if (event.rawPath === '/log') console.log(JSON.stringify({ level: 'INFO', said: 'hello' }))
      if (event.rawPath === '/odd') return { statusCode: 'odd' }
      if (event.rawPath === '/empty') return { statusCode: 204 }
      if (event.rawPath === '/reply')
        return { statusCode: 418, headers: { 'X-A': 'b' }, cookies: ['a=1', 'b=2'],
                 isBase64Encoded: true, body: Buffer.from([0, 1, 255]).toString('base64') }
      return { event, environment: { ...process.env } }
    }`,
  // One mail per message; "fail" never succeeds.
  deliver: `
    const { createRequire } = require('node:module')
    const { SESv2Client, SendEmailCommand } = createRequire(${JSON.stringify(ROOT)})('@aws-sdk/client-sesv2')
    const client = new SESv2Client({})
    exports.handler = async ({ Records }) => {
      const batchItemFailures = []
      for (const { messageId, body } of Records) {
        if (body === 'fail') batchItemFailures.push({ itemIdentifier: messageId })
        else await client.send(new SendEmailCommand({
          FromEmailAddress: 'otpost@mail.example',
          Destination: { ToAddresses: ['alice@mail.example'] },
          Content: { Simple: { Subject: { Data: body }, Body: { Text: { Data: 'Hello ' + body } } } },
        }))
      }
      return { batchItemFailures }
    }`,
  configure: `
    const { createRequire } = require('node:module')
    const { SSMClient, GetParametersByPathCommand } = createRequire(${JSON.stringify(ROOT)})('@aws-sdk/client-ssm')
    const client = new SSMClient({})
    let runs = 0
    exports.handler = async (event) => {
      const { Parameters } = await client.send(
        new GetParametersByPathCommand({ Path: '/otpost/local', Recursive: true }))
      runs += 1
      console.log(JSON.stringify({ runs, changed: event.detail.name }))
      return { version: runs, problems: [], seen: Parameters.map(({ Name }) => Name) }
    }`,
  operator: `
    exports.handler = async ({ command }) => command === 'seed'
      ? { ok: true, value: { users: 1 } }
      : { ok: false, error: { message: 'unknown command' } }`,
}

const code = (name: string) => ({
  S3Bucket: { 'Fn::Sub': 'assets-${AWS::AccountId}-${AWS::Region}' },
  S3Key: `${name}.zip`,
})

const lambda = (name: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: `otpost-local-${name}`,
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Code: code(name),
    ...properties,
  },
})

const DATA = {
  Resources: {
    Tokens: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      },
    },
    Key: { Type: 'AWS::KMS::Key', Properties: {} },
  },
  Outputs: {
    TokensRef: { Value: { Ref: 'Tokens' }, Export: { Name: 'data:tokens' } },
    KeyArn: {
      Value: { 'Fn::GetAtt': ['Key', 'Arn'] },
      Export: { Name: { 'Fn::Sub': '${AWS::StackName}:key' } },
    },
  },
}

const route = (key: string) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: {
    ApiId: { Ref: 'Api' },
    RouteKey: key,
    Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
  },
})

const SERVICE = {
  Resources: {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { ProtocolType: 'HTTP' } },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { IntegrationUri: { 'Fn::GetAtt': ['Echo', 'Arn'] } },
    },
    Users: route('GET /users/{id}'),
    Rest: route('ANY /{proxy+}'),
    Echo: lambda('echo', {
      Timeout: 1,
      Environment: {
        Variables: {
          OTPOST_TOKENS_TABLE: { 'Fn::ImportValue': 'data:tokens' },
          OTPOST_KEY_ARN: { 'Fn::ImportValue': 'otpost-local-data:key' },
          OTPOST_DELIVER_QUEUE_URL: { Ref: 'Queue' },
          ABSENT: { Ref: 'AWS::NoValue' },
        },
      },
    }),
    Deliver: lambda('deliver', { Timeout: 10 }),
    Configure: lambda('configure', { Timeout: 10 }),
    Operator: lambda('operator'),
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 1,
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] },
          maxReceiveCount: 2,
        },
      },
    },
    Dead: { Type: 'AWS::SQS::Queue', Properties: {} },
    Source: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
        FunctionName: { Ref: 'Deliver' },
        BatchSize: 5,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    },
    Changed: {
      Type: 'AWS::Events::Rule',
      Properties: {
        State: 'ENABLED',
        EventPattern: {
          source: ['aws.ssm'],
          'detail-type': ['Parameter Store Change'],
          detail: {
            name: [{ prefix: '/otpost/local/' }],
            operation: ['Create', 'Update', 'Delete'],
          },
        },
        Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Configure', 'Arn'] } }],
      },
    },
    Sweep: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(5 minutes)',
        Targets: [{ Id: 'T', Arn: { 'Fn::GetAtt': ['Configure', 'Arn'] } }],
      },
    },
  },
}

/** Writes the assembly and returns its directory. */
export function writeFixture(): string {
  const directory = mkdtempSync(join(tmpdir(), 'otpost-fixture-'))
  const write = (file: string, value: unknown) =>
    writeFileSync(join(directory, file), JSON.stringify(value))

  const files = Object.entries(BUNDLES).map(([name, source]) => {
    const path = `asset.${name}`
    mkdirSync(join(directory, path))
    writeFileSync(join(directory, path, 'index.js'), source)
    return [name, { source: { path }, destinations: { here: { objectKey: `${name}.zip` } } }]
  })
  write('service.assets.json', { files: Object.fromEntries(files) })
  write('data.template.json', DATA)
  write('service.template.json', SERVICE)
  write('manifest.json', {
    artifacts: {
      'otpost-local-data': {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'data.template.json' },
      },
      'service.assets': {
        type: 'cdk:asset-manifest',
        properties: { file: 'service.assets.json' },
      },
      Service: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'service.template.json', stackName: 'otpost-local' },
      },
    },
  })
  return directory
}
