/**
 * Connections to LDAP servers: TLS from the first byte, or STARTTLS (RFC 4511 §4.14) before anything
 * else is said. The upgrade is made here, before the client library reads from the connection, so
 * that nothing sent in clear can be taken for an answer.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { SourceFault } from '../core/user-source.ts'

export type LdapServer = {
  /** `ldaps://host[:port]` or `ldap://host[:port]`. */
  uri: string
  starttls: boolean
  /** PEM of authorities to trust instead of the public ones; empty: the public ones. */
  ca: string
  timeoutMs: number
}

/**
 * Connects, and encrypts unless it is `ldap://` without STARTTLS. The certificate must be valid for
 * the host. Throws {@link SourceFault}.
 */
export async function connectLdap({ uri, starttls, ca, timeoutMs }: LdapServer): Promise<Socket> {
  const url = new URL(uri)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const implicit = url.protocol === 'ldaps:'
  const port = Number(url.port || (implicit ? 636 : 389))
  const until = AbortSignal.timeout(timeoutMs)

  const tcp = await ready(connectTcp({ host, port }), 'connect', until, 'connected')
  if (!implicit && !starttls) return tcp
  if (!implicit) await askForTls(tcp, until)
  const tls = connectTls({
    socket: tcp,
    host,
    minVersion: 'TLSv1.2',
    ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
    ...(ca ? { ca } : {}),
  })
  return ready(tls, 'secureConnect', until, 'encrypted')
}

/** Waits for an event; a socket that fails before is gone. */
function ready<S extends Socket>(
  socket: S,
  event: string,
  until: AbortSignal,
  state: string,
): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy()
      reject(new SourceFault(`The LDAP server could not be ${state}: ${why}`))
    }
    const failed = (error: Error) => fail(error.message)
    const closed = () => fail('it closed the connection.')
    const late = () => fail('time is up.')
    socket.on('error', failed)
    socket.once('close', closed)
    until.addEventListener('abort', late)
    socket.once(event, () => {
      socket.off('error', failed).off('close', closed)
      until.removeEventListener('abort', late)
      // one that fails between two users of it must not end the process
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

const OID = '1.3.6.1.4.1.1466.20037'
/** messageID 1, extendedReq with the name of STARTTLS. */
const START_TLS = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, OID.length]),
  Buffer.from(OID),
])
const LONGEST_REPLY = 1024

/** Asks for TLS. Throws unless the server agrees with one whole message and nothing behind it. */
function askForTls(socket: Socket, until: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0)
    const end = (fault?: string) => {
      socket.off('data', read).off('close', closed)
      until.removeEventListener('abort', late)
      if (fault === undefined) return resolve()
      socket.destroy()
      reject(new SourceFault(`The LDAP server refused STARTTLS: ${fault}`))
    }
    const closed = () => end('it closed the connection.')
    const late = () => end('time is up.')
    function read(data: Buffer) {
      received = Buffer.concat([received, data])
      const reply = replyIn(received)
      if (reply === undefined && received.length <= LONGEST_REPLY) return
      end(reply === 0 ? undefined : `result code ${reply ?? 'unknown'}.`)
      socket.pause()
    }
    socket.on('data', read)
    socket.once('close', closed)
    until.addEventListener('abort', late)
    socket.write(START_TLS)
  })
}

/** The result code of an extended response that fills the data; undefined: it is not whole yet. */
function replyIn(data: Buffer): number | undefined {
  const message = element(data, 0)
  if (!message || data.length < message.end) return undefined
  const id = element(data, message.start)
  const response = id && element(data, id.end)
  const code = response && element(data, response.start)
  const sound =
    message.tag === 0x30 &&
    message.end === data.length &&
    response?.tag === 0x78 &&
    code?.tag === 0x0a &&
    code.end - code.start === 1
  return sound ? data[code.start] : -1
}

/** Tag and content of a BER element with a length of at most two octets. */
function element(data: Buffer, at: number) {
  const [tag, first, second, third] = data.subarray(at, at + 4)
  if (tag === undefined || first === undefined) return undefined
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  if (first === 0x81 && second !== undefined) return { tag, start: at + 3, end: at + 3 + second }
  if (first === 0x82 && third !== undefined) {
    return { tag, start: at + 4, end: at + 4 + (second! << 8) + third }
  }
  // OpenLDAP writes four octets of length for whole messages
  if (first === 0x84 && data.length >= at + 6) {
    return { tag, start: at + 6, end: at + 6 + data.readUInt32BE(at + 2) }
  }
  return undefined
}
