import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm'
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import type { Context } from 'aws-lambda'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

const ssm = mockClient(SSMClient)
const dynamo = mockClient(DynamoDBDocumentClient)

describe('configure', () => {
  let configure: typeof import('../functions/configure.ts')
  let log: string[]

  beforeAll(async () => {
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    vi.stubEnv('OTPOST_STAGE', 'test')
    vi.stubEnv('OTPOST_TOKENS_TABLE', 'tokens')
    configure = await import('../functions/configure.ts')
  })

  beforeEach(() => {
    ssm.reset()
    dynamo.reset()
    dynamo.on(GetCommand).resolves({})
    dynamo.on(PutCommand).resolves({})
    log = []
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => log.push(String(line)) > 0)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const run = (event: unknown) => configure.handler(event, {} as Context)
  const parameter = (name: string, Value: string) => ({
    Name: `/otpost/test/${name}`,
    Type: 'String' as const,
    Value,
  })

  it.each([
    { 'detail-type': 'Parameter Store Change', detail: { name: '/otpost/test/email.port' } },
    { 'detail-type': 'Scheduled Event' },
    {},
    undefined,
  ])('publishes whatever calls it (%j)', async (event) => {
    const Parameters = [parameter('email.mailfrom', 'otp@x.example')]
    ssm.on(GetParametersByPathCommand, { Path: '/otpost/test' }).resolves({ Parameters })
    expect(await run(event)).toEqual({ version: 1, published: true, problems: [] })
    expect(dynamo.commandCalls(PutCommand)).toHaveLength(1)
    expect(log.map((line) => JSON.parse(line))).toEqual([
      {
        level: 'info',
        message: 'settings published',
        stage: 'test',
        version: 1,
        published: true,
        problems: [],
      },
    ])
  })

  it('counts refused parameters in one log line that is also a metric', async () => {
    const Parameters = [
      parameter('email.mailfrom', 'otp@x.example'),
      parameter('email.port', '0'),
      parameter('email.password', 'hunter2'),
    ]
    ssm.on(GetParametersByPathCommand).resolves({ Parameters })
    await run({})

    expect(log).toHaveLength(1)
    expect(log[0]).not.toContain('hunter2')
    expect(JSON.parse(log[0]!)).toMatchObject({
      level: 'error',
      message: 'settings refused',
      stage: 'test',
      SettingsRefused: 2,
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: 'Otpost',
            Dimensions: [['stage']],
            Metrics: [{ Name: 'SettingsRefused', Unit: 'Count' }],
          },
        ],
      },
    })
  })

  it('fails when Parameter Store does, so that Lambda tries again', async () => {
    ssm.on(GetParametersByPathCommand).rejects(new Error('throttled'))
    await expect(run({})).rejects.toThrow('throttled')
    expect(dynamo.commandCalls(PutCommand)).toEqual([])
  })
})
