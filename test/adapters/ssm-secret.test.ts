import { describe, expect, it, vi } from 'vitest'
import { jsonService } from '../../functions/adapters/json-call.ts'
import { readSecret } from '../../functions/adapters/ssm-secret.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session/token+of=a role',
}
const NAME = '/otpost/prod/signing.key'
const reply = (status: number, body: object) => new Response(JSON.stringify(body), { status })

function reader(answer: () => Response | Promise<Response>) {
  const fetch = vi.fn(async (_url: unknown, _init?: unknown) => answer())
  const ssm = jsonService({
    ...{ service: 'ssm', prefix: 'AmazonSSM', version: '1.1', region: 'eu-central-1' },
    credentials: () => credentials,
    fetch: fetch as unknown as typeof globalThis.fetch,
  })
  return { read: (version: number) => readSecret(ssm, NAME, version), fetch }
}

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

  it('is read again once after a 5xx or a lost connection, and no more', async () => {
    const secret = () => reply(200, { Parameter: { Value: 'a key' } })
    const lost = (): Response => {
      throw new TypeError('fetch failed')
    }
    for (const first of [
      () => reply(503, {}),
      () => new Response('<html>', { status: 502 }),
      lost,
    ]) {
      const answers = [first, secret]
      const { read } = reader(() => answers.shift()!())
      expect(await read(1)).toBe('a key')
    }
    const down = reader(() => reply(500, { __type: 'InternalServerError' }))
    await expect(down.read(1)).rejects.toThrow('InternalServerError')
    expect(down.fetch).toHaveBeenCalledTimes(2)
    await expect(reader(lost).read(1)).rejects.toThrow('fetch failed')
  })
})
