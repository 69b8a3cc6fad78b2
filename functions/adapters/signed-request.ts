/** AWS Signature Version 4 for one JSON call, where a whole client would be most of a bundle. */
import { createHash } from 'node:crypto'
import { hmacSha256 } from '../core/hmac.ts'

export type Credentials = {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string | undefined
}

export type JsonCall = {
  /** Where the service is, such as `https://ssm.eu-central-1.amazonaws.com`. */
  endpoint: string
  service: string
  region: string
  /** Of the JSON protocol, as the service has it. */
  version: '1.0' | '1.1'
  /** What is called, such as `AmazonSSM.GetParameter`; undefined: the path says it. */
  target?: string
  /** Of unreserved characters (RFC 3986 §2.3) and slashes. @default '/' */
  path?: string
  body: string
}

/** The headers that make a call one of these credentials, at this moment. */
export function signedHeaders(
  { endpoint, path = '/', service, region, version, target, body }: JsonCall,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  at: Date,
): Record<string, string> {
  const moment = at.toISOString().replace(/[:-]|\.\d{3}/g, '')
  const hash = sha256(body)
  const headers: Record<string, string> = {
    'content-type': `application/x-amz-json-${version}`,
    host: new URL(endpoint).host,
    'x-amz-content-sha256': hash,
    'x-amz-date': moment,
    ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
    ...(target ? { 'x-amz-target': target } : {}),
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const request = ['POST', path, '', lines.join(''), names, hash].join('\n')

  const scope = [moment.slice(0, 8), region, service, 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', moment, scope.join('/'), sha256(request)].join('\n')
  const signature = hmacSha256(signingKey(secretAccessKey, scope), text).toString('hex')
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, ` +
    `SignedHeaders=${names}, Signature=${signature}`
  return { ...headers, authorization }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let latest: { of: string; key: Buffer } | undefined

/** The key of one day, region and service, kept because the next call most likely needs it again. */
function signingKey(secretAccessKey: string, scope: readonly string[]): Buffer {
  const of = [secretAccessKey, ...scope].join('\n')
  if (latest?.of !== of) {
    const first = Buffer.from(`AWS4${secretAccessKey}`)
    latest = { of, key: scope.reduce<Buffer>(hmacSha256, first) }
  }
  return latest.key
}
