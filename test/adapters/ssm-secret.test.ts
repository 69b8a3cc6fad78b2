import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { signedHeaders } from '../../functions/adapters/signed-request.ts'
import { ssmSecret } from '../../functions/adapters/ssm-secret.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session/token+of=a role',
}
const NAME = '/otpost/prod/signing.key'
const reply = (status: number, body: object) => new Response(JSON.stringify(body), { status })

function reader(answer: () => Response | Promise<Response>) {
  const fetch = vi.fn(async (_url: unknown, _init?: unknown) => answer())
  const read = ssmSecret({
    name: NAME,
    region: 'eu-central-1',
    credentials: () => credentials,
    fetch: fetch as unknown as typeof globalThis.fetch,
  })
  return { read, fetch }
}

afterEach(() => void vi.useRealTimers())

/** What the SDK adds for itself and signs with the rest. */
const OF_THE_SDK = [
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'content-length',
  'x-amz-user-agent',
]

/** The headers of the SDK's own call, without those it adds for itself. */
async function headersOfSdk(region: string): Promise<{ headers: Headers; body: string }> {
  let seen: { headers: Headers; body: string } | undefined
  const requestHandler = {
    handle: async (request: { headers: Headers; body: string }) => {
      seen = request
      throw new Error('seen')
    },
  }
  const client = new SSMClient({
    region,
    credentials,
    maxAttempts: 1,
    requestHandler: requestHandler as never,
  })
  const strip = (next: Next) => async (args: Arguments) => {
    for (const name of OF_THE_SDK) delete args.request.headers[name]
    return next(args)
  }
  const place = { relation: 'before', toMiddleware: 'httpSigningMiddleware' } as const
  client.middlewareStack.addRelativeTo(strip as never, place)
  const command = new GetParameterCommand({ Name: `${NAME}:1`, WithDecryption: true })
  await client.send(command).catch(() => undefined)
  return seen!
}
type Headers = Record<string, string>
type Arguments = { request: { headers: Headers } }
type Next = (args: Arguments) => Promise<unknown>

it('a call is signed as the SDK would sign it', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12), toFake: ['Date'] })
  const { headers, body } = await headersOfSdk('eu-central-1')
  const ours = signedHeaders(
    {
      endpoint: 'https://ssm.eu-central-1.amazonaws.com',
      service: 'ssm',
      region: 'eu-central-1',
      target: headers['x-amz-target']!,
      body,
    },
    credentials,
    new Date(),
  )
  expect(ours.authorization).toBe(headers.authorization)
})

describe('a secret of Parameter Store', () => {
  it('is read by its version, decrypted', async () => {
    const { read, fetch } = reader(() => reply(200, { Parameter: { Value: 'a key' } }))
    expect(await read(7)).toBe('a key')
    const [url, init] = fetch.mock.calls[0] as unknown as [
      string,
      { body: string; headers: object },
    ]
    expect(url).toBe('https://ssm.eu-central-1.amazonaws.com/')
    expect(JSON.parse(init.body)).toEqual({ Name: `${NAME}:7`, WithDecryption: true })
    expect(init.headers).toMatchObject({ 'x-amz-target': 'AmazonSSM.GetParameter' })
  })

  it.each(['ParameterNotFound', 'com.amazonaws.ssm#ParameterVersionNotFound'])(
    'is undefined after %s',
    async (type) => {
      const { read } = reader(() => reply(400, { __type: type }))
      expect(await read(1)).toBeUndefined()
    },
  )

  it('is a fault when it cannot be read', async () => {
    const { read } = reader(() => reply(400, { __type: 'AccessDeniedException' }))
    await expect(read(1)).rejects.toThrow(`Parameter Store refused to give ${NAME}: AccessDenied`)
  })
})
