import { describe, expect, it, vi } from 'vitest'
import { jsonService } from '../../functions/adapters/json-call.ts'
import type { Post, PostReply } from '../../functions/adapters/post.ts'
import { readSecret } from '../../functions/adapters/ssm-secret.ts'

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session/token+of=a role',
}
const NAME = '/otpost/prod/signing.key'
const reply = (status: number, body: object) => ({ status, text: JSON.stringify(body) })

function reader(answer: () => PostReply) {
  const post = vi.fn<Post>(async () => answer())
  const ssm = jsonService({
    ...{ service: 'ssm', prefix: 'AmazonSSM', version: '1.1', region: 'eu-central-1' },
    credentials: () => credentials,
    post,
  })
  return {
    read: (version: number, madeAt?: number) => readSecret(ssm, NAME, { version, madeAt }),
    post,
  }
}

describe('a secret of Parameter Store', () => {
  it('is read by its version, decrypted', async () => {
    const { read, post } = reader(() => reply(200, { Parameter: { Value: 'a key' } }))
    expect(await read(7)).toBe('a key')
    const [url, headers, body] = post.mock.calls[0]!
    expect(url).toBe('https://ssm.eu-central-1.amazonaws.com/')
    expect(JSON.parse(body)).toEqual({ Name: `${NAME}:7`, WithDecryption: true })
    expect(headers).toMatchObject({ 'x-amz-target': 'AmazonSSM.GetParameter' })
  })

  it.each(['ParameterNotFound', 'com.amazonaws.ssm#ParameterVersionNotFound'])(
    'is undefined after %s',
    async (type) => {
      const { read } = reader(() => reply(400, { __type: type }))
      expect(await read(1)).toBeUndefined()
    },
  )

  it('is not that of settings in force when it was deleted and made anew', async () => {
    const made = 1_700_000_000_123
    const { read } = reader(() =>
      reply(200, { Parameter: { Value: 'a key', LastModifiedDate: made / 1000 } }),
    )
    expect(await read(1, made)).toBe('a key')
    expect(await read(1, made + 600)).toBe('a key')
    expect(await read(1, made - 1000)).toBeUndefined()
    expect(await read(1, made + 1000)).toBeUndefined()
  })

  it('is a fault when it cannot be read', async () => {
    const { read } = reader(() => reply(400, { __type: 'AccessDeniedException' }))
    await expect(read(1)).rejects.toThrow(`Parameter Store refused to give ${NAME}: AccessDenied`)
  })

  it('is read again after a 5xx, a lost connection or throttling, twice and no more', async () => {
    const secret = () => reply(200, { Parameter: { Value: 'a key' } })
    const lost = (): PostReply => {
      throw new Error('socket hang up')
    }
    for (const first of [
      () => reply(503, {}),
      () => ({ status: 502, text: '<html>' }),
      () => reply(400, { __type: 'ThrottlingException' }),
      lost,
    ]) {
      const answers = [first, first, secret]
      const { read } = reader(() => answers.shift()!())
      expect(await read(1)).toBe('a key')
    }
    const down = reader(() => reply(500, { __type: 'InternalServerError' }))
    await expect(down.read(1)).rejects.toThrow('InternalServerError')
    expect(down.post).toHaveBeenCalledTimes(3)
    await expect(reader(lost).read(1)).rejects.toThrow('socket hang up')
  })

  it('is not read again after a refusal', async () => {
    const denied = reader(() => reply(400, { __type: 'AccessDeniedException' }))
    await expect(denied.read(1)).rejects.toThrow()
    expect(denied.post).toHaveBeenCalledTimes(1)
  })
})
