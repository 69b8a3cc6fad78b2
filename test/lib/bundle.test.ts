import { build } from 'esbuild'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BUNDLE_OPTIONS } from '../../lib/bundle.ts'

const ENTRY = `
  import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
  export const handler = (endpoint) =>
    new DynamoDBClient({ endpoint, region: 'eu-central-1', maxAttempts: 1 })
      .send(new ListTablesCommand({}))
`

describe('a bundle', () => {
  const directory = mkdtempSync(join(tmpdir(), 'otpost-bundle-'))
  const outfile = join(directory, 'index.cjs')
  const requests: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    requests.push(request.headers)
    response.end('{"TableNames":["tokens"]}')
  })
  let handler: (endpoint: string) => Promise<{ TableNames: string[] }>
  let endpoint: string

  beforeAll(async () => {
    const stdin = { contents: ENTRY, resolveDir: import.meta.dirname }
    await build({ ...BUNDLE_OPTIONS, stdin, outfile })
    handler = createRequire(import.meta.url)(outfile).handler
    await once(server.listen(0, '127.0.0.1'), 'listening')
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => {
    vi.unstubAllEnvs()
    server.close()
    rmSync(directory, { recursive: true })
  })

  it('calls AWS with the credentials that Lambda puts into the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDROLE')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-key')
    vi.stubEnv('AWS_SESSION_TOKEN', 'session-of-the-role')
    expect((await handler(endpoint)).TableNames).toEqual(['tokens'])
    expect(requests).toHaveLength(1)
    expect(requests[0]!.authorization).toContain('Credential=AKIDROLE/')
    expect(requests[0]!['x-amz-security-token']).toBe('session-of-the-role')
  })

  it('looks for credentials nowhere else', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_PROFILE', 'somebody')
    const before = requests.length
    await expect(handler(endpoint)).rejects.toThrow('The environment holds no AWS credentials.')
    expect(requests).toHaveLength(before)
  })

  it('is the same twice, so that only a change is deployed', async () => {
    const stdin = { contents: ENTRY, resolveDir: import.meta.dirname }
    const bundles = [1, 2].map(() =>
      build({ ...BUNDLE_OPTIONS, stdin, outfile, write: false }).then(
        (r) => r.outputFiles[0]!.hash,
      ),
    )
    const [one, two] = await Promise.all(bundles)
    expect(one).toBe(two)
  })
})
