import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, expect, it, vi } from 'vitest'
import { signedHeaders } from '../../functions/adapters/signed-request.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session/token+of=a role',
}
const region = 'eu-central-1'

afterEach(() => void vi.useRealTimers())

/** What the SDK adds for itself and signs with the rest. */
const OF_THE_SDK = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'content-length',
  'x-amz-user-agent',
  'x-amzn-query-mode',
]

type Headers = Record<string, string>
type Seen = { headers: Headers; body: string }
type Arguments = { request: { headers: Headers } }
type Next = (args: Arguments) => Promise<unknown>

/** The SDK's own call, without the headers it adds for itself. */
async function callOfSdk(
  call: (options: object) => [SSMClient | SQSClient, object],
): Promise<Seen> {
  let seen: Seen | undefined
  const requestHandler = {
    handle: async (request: Seen) => {
      seen = request
      throw new Error('seen')
    },
  }
  const [client, command] = call({ region, credentials, maxAttempts: 1, requestHandler })
  const strip = (next: Next) => async (args: Arguments) => {
    for (const name of OF_THE_SDK) delete args.request.headers[name]
    return next(args)
  }
  const place = { relation: 'before', toMiddleware: 'httpSigningMiddleware' } as const
  client.middlewareStack.addRelativeTo(strip as never, place)
  await (client as SSMClient).send(command as never).catch(() => undefined)
  return seen!
}

it.each<['ssm' | 'sqs', '1.0' | '1.1', Parameters<typeof callOfSdk>[0]]>([
  [
    'ssm',
    '1.1',
    (options) => [
      new SSMClient(options),
      new GetParameterCommand({ Name: '/otpost/prod/signing.key:1', WithDecryption: true }),
    ],
  ],
  [
    'sqs',
    '1.0',
    (options) => [
      new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
      new ChangeMessageVisibilityCommand({
        QueueUrl: 'https://sqs.eu-central-1.amazonaws.com/123456789012/deliver',
        ReceiptHandle: 'handle',
        VisibilityTimeout: 4,
      }),
    ],
  ],
])('a call of %s is signed as the SDK would sign it', async (service, version, call) => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12), toFake: ['Date'] })
  const { headers, body } = await callOfSdk(call)
  const endpoint = `https://${service}.${region}.amazonaws.com`
  const target = headers['x-amz-target']!
  const json = { endpoint, service, region, version, target, body }
  expect(signedHeaders(json, credentials, new Date()).authorization).toBe(headers.authorization)
})
