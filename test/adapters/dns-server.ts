/** A name server on loopback, by UDP and TCP (RFC 1035 §4), that answers what a test tells it to. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

const TYPES = { A: 1, CNAME: 5, MX: 15, AAAA: 28 } as const

/** `data`: an IP address in bytes, a name, or a preference and a name. */
export type DnsRecord = { name: string } & (
  | { type: 'A' | 'AAAA'; data: readonly number[] }
  | { type: 'CNAME'; data: string }
  | { type: 'MX'; data: readonly [preference: number, exchange: string] }
)
export type DnsAnswer =
  | 'silence'
  | 'garbage'
  /** Over UDP only half of it; the whole by TCP. */
  | { truncated: DnsRecord[] }
  | { rcode?: number; records?: DnsRecord[] }
export type DnsQuestion = { name: string; type: string; protocol: 'udp' | 'tcp' }

export const NXDOMAIN = 3
export const SERVFAIL = 2
export const REFUSED = 5

export const mx = (name: string, exchange: string, preference = 10): DnsRecord => ({
  name,
  type: 'MX',
  data: [preference, exchange],
})
export const a = (name: string): DnsRecord => ({ name, type: 'A', data: [192, 0, 2, 1] })
export const aaaa = (name: string): DnsRecord => ({
  name,
  type: 'AAAA',
  data: [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1],
})
export const cname = (name: string, data: string): DnsRecord => ({ name, type: 'CNAME', data })

export async function startDnsServer(
  answer: (question: DnsQuestion) => DnsAnswer | Promise<DnsAnswer>,
) {
  const questions: DnsQuestion[] = []
  async function reply(request: Buffer, protocol: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const { end, ...asked } = readQuestion(request)
    const question = { ...asked, protocol }
    questions.push(question)
    const answered = await answer(question)
    if (answered === 'silence') return undefined
    if (answered === 'garbage') return Buffer.concat([request.subarray(0, 2), Buffer.from('\0')])
    return message(request, end, answered, protocol)
  }

  const tcp = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.on('data', async (data) => {
      const sent = await reply(data.subarray(2), 'tcp')
      if (sent) socket.write(Buffer.concat([uint16(sent.length), sent]))
    })
  })
  tcp.listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4')
  udp.on('message', async (request, from) => {
    const sent = await reply(request, 'udp')
    if (sent) udp.send(sent, from.port, from.address)
  })
  udp.bind(port, '127.0.0.1')
  await once(udp, 'listening')

  return {
    address: `127.0.0.1:${port}`,
    questions,
    async close() {
      udp.close()
      tcp.close()
      await once(tcp, 'close')
    },
  }
}

function readQuestion(request: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = request[at]!; length > 0; length = request[at]!) {
    labels.push(request.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const number = request.readUInt16BE(at + 1)
  const type = Object.entries(TYPES).find(([, value]) => value === number)?.[0] ?? String(number)
  return { name: labels.join('.').toLowerCase(), type, end: at + 5 }
}

function message(
  request: Buffer,
  end: number,
  answer: Exclude<DnsAnswer, string>,
  protocol: 'udp' | 'tcp',
): Buffer {
  const cut = 'truncated' in answer && protocol === 'udp'
  const { rcode = 0, records = [] } = 'truncated' in answer ? { records: answer.truncated } : answer
  const sent = cut ? [] : records
  const RESPONSE = 0x8180
  const TRUNCATED = 0x0200
  return Buffer.concat([
    request.subarray(0, 2),
    uint16(RESPONSE | (cut ? TRUNCATED : 0) | rcode),
    ...[1, sent.length, 0, 0].map(uint16),
    request.subarray(12, end),
    ...sent.map(encoded),
  ])
}

function encoded(record: DnsRecord): Buffer {
  const data = dataOf(record)
  return Buffer.concat([
    nameBytes(record.name),
    ...[TYPES[record.type], 1, 0, 60, data.length].map(uint16),
    data,
  ])
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'CNAME') return nameBytes(record.data)
  if (record.type !== 'MX') return Buffer.from(record.data)
  const [preference, exchange] = record.data
  return Buffer.concat([uint16(preference), nameBytes(exchange)])
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  const parts = labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)]))
  return Buffer.concat([...parts, Buffer.from([0])])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
