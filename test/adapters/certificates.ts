/** Throw-away certificates: an authority, a server certificate and a client certificate by it. */
import { generate } from 'selfsigned'

export type Certificates = {
  ca: string
  server: { cert: string; key: string }
  client: { cert: string; key: string }
}

/**
 * The server's certificate is for these host names and for no other.
 *
 * @param validUntil the end of its validity. @default a year from now
 */
export async function makeCertificates(hosts: string[], validUntil?: Date): Promise<Certificates> {
  const authority = await generate([{ name: 'commonName', value: 'Test authority' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  })
  const ca = { key: authority.private, cert: authority.cert }
  const server = await generate([{ name: 'commonName', value: 'server' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    ...(validUntil && {
      notBeforeDate: new Date(validUntil.getTime() - 86_400_000),
      notAfterDate: validUntil,
    }),
    extensions: [{ name: 'subjectAltName', altNames: hosts.map(altName) }],
  })
  const client = await generate([{ name: 'commonName', value: 'otpost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
  })
  return {
    ca: authority.cert,
    server: { cert: server.cert, key: server.private },
    client: { cert: client.cert, key: client.private },
  }
}

function altName(host: string) {
  if (/^[\d.]+$/.test(host)) return { type: 7 as const, ip: host }
  return { type: 2 as const, value: host }
}
