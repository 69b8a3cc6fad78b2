import { afterEach, describe, expect, it } from 'vitest'
import { dnsDomains, type DnsOptions } from '../../functions/adapters/dns-domains.ts'
import {
  a,
  aaaa,
  cname,
  type DnsAnswer,
  type DnsQuestion,
  mx,
  NXDOMAIN,
  REFUSED,
  SERVFAIL,
  startDnsServer,
} from './dns-server.ts'

const NAME = 'mail.example'
const NODATA = { records: [] }

let stop: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const each of stop) await each()
  stop = []
})

type Zone = Partial<Record<string, DnsAnswer>>

/** Asks about `mail.example` where the server has these answers by type; otherwise no data. */
async function check(zone: Zone | ((question: DnsQuestion) => DnsAnswer), options?: DnsOptions) {
  const server = await startDnsServer((question) =>
    typeof zone === 'function' ? zone(question) : (zone[question.type] ?? NODATA),
  )
  stop.push(server.close)
  const domains = dnsDomains({ timeoutMs: 150, servers: [server.address], ...options })
  const start = performance.now()
  const verdict = await domains.check(NAME)
  return { verdict, questions: server.questions, ms: performance.now() - start }
}

describe('a domain accepts mail', () => {
  it.each<[string, Zone]>([
    ['one exchanger', { MX: { records: [mx(NAME, 'mx.example')] } }],
    ['several', { MX: { records: [mx(NAME, 'a.example'), mx(NAME, 'b.example', 20)] } }],
    ['no exchanger, an IPv4 address', { A: { records: [a(NAME)] } }],
    ['no exchanger, an IPv6 address', { AAAA: { records: [aaaa(NAME)] } }],
    [
      'no exchanger, an address and a failure',
      { A: { rcode: SERVFAIL }, AAAA: { records: [aaaa(NAME)] } },
    ],
    [
      'exchangers by an alias',
      { MX: { records: [cname(NAME, 'b.example'), mx('b.example', 'mx.example')] } },
    ],
    [
      'exchangers by a chain of aliases',
      {
        MX: {
          records: [
            cname(NAME, 'b.example'),
            cname('b.example', 'c.example'),
            mx('c.example', 'mx.example'),
          ],
        },
      },
    ],
    [
      'an address by an alias',
      {
        MX: { records: [cname(NAME, 'b.example')] },
        A: { records: [cname(NAME, 'b.example'), a('b.example')] },
      },
    ],
    [
      'a broken null MX beside a true one',
      { MX: { records: [mx(NAME, '', 0), mx(NAME, 'b.example')] } },
    ],
  ])('that has %s', async (_what, zone) => {
    expect((await check(zone)).verdict).toBe('accepts')
  })

  it('whose exchangers do not fit into one packet', async () => {
    const records = Array.from({ length: 60 }, (_, index) => mx(NAME, `mx${index}.example`))
    const { verdict, questions } = await check({ MX: { truncated: records } })
    expect(verdict).toBe('accepts')
    expect(questions.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp'])
  })

  it('whose first answer was lost', async () => {
    let asked = 0
    const { verdict } = await check(() =>
      asked++ === 0 ? 'silence' : { records: [mx(NAME, 'mx.example')] },
    )
    expect(verdict).toBe('accepts')
  })

  it('without being asked for addresses where exchangers are', async () => {
    const { questions } = await check({ MX: { records: [mx(NAME, 'mx.example')] } })
    expect(questions.map(({ name, type }) => `${name} ${type}`)).toEqual([`${NAME} MX`])
  })
})

describe('a domain takes no mail', () => {
  it('because it does not exist', async () => {
    const { verdict, questions } = await check(() => ({ rcode: NXDOMAIN }))
    expect(verdict).toBe('unknown_domain')
    expect(questions).toHaveLength(1)
  })

  it('because it says so (RFC 7505), whatever addresses it has', async () => {
    const zone = { MX: { records: [mx(NAME, '', 0)] }, A: { records: [a(NAME)] } }
    expect((await check(zone)).verdict).toBe('null_mx')
  })

  it.each<[string, Zone]>([
    ['has neither exchanger nor address', {}],
    ['is an alias that leads nowhere', { MX: { records: [cname(NAME, 'b.example')] } }],
  ])('because it %s', async (_what, zone) => {
    const { verdict, questions } = await check(zone)
    expect(verdict).toBe('no_mail')
    expect(questions.map(({ type }) => type).sort()).toEqual(['A', 'AAAA', 'MX'])
  })
})

describe('nothing is said of a domain', () => {
  it.each<[string, Zone]>([
    ['the server fails', { MX: { rcode: SERVFAIL } }],
    [
      'the server fails, whatever addresses there are',
      { MX: { rcode: SERVFAIL }, A: { records: [a(NAME)] } },
    ],
    ['the server refuses', { MX: { rcode: REFUSED } }],
    ['the server answers nonsense', { MX: 'garbage' }],
    ['the server does not answer', { MX: 'silence' }],
    ['it fails for the addresses', { A: { rcode: SERVFAIL }, AAAA: { rcode: SERVFAIL } }],
    ['it fails for some of the addresses', { AAAA: { rcode: SERVFAIL } }],
    ['it fails by an alias', { MX: { rcode: SERVFAIL, records: [cname(NAME, 'b.example')] } }],
  ])('when %s', async (_what, zone) => {
    expect((await check(zone)).verdict).toBe('dns_failed')
  })

  it('when nobody listens', async () => {
    const server = await startDnsServer(() => NODATA)
    await server.close()
    const domains = dnsDomains({ timeoutMs: 150, servers: [server.address] })
    expect(await domains.check(NAME)).toBe('dns_failed')
  })

  it('when the whole takes too long, however many tries are left', async () => {
    const { verdict, ms } = await check({ MX: 'silence' }, { timeoutMs: 5000, deadlineMs: 200 })
    expect(verdict).toBe('dns_failed')
    expect(ms).toBeLessThan(4500)
  })

  it('when only the addresses take too long', async () => {
    const slow = { A: 'silence', AAAA: 'silence' } as const
    const { verdict, ms } = await check(slow, { timeoutMs: 5000, deadlineMs: 200 })
    expect(verdict).toBe('dns_failed')
    expect(ms).toBeLessThan(4500)
  })
})

it('one check that is given up does not end another', async () => {
  const server = await startDnsServer(({ name }) =>
    name === 'slow.example' ? 'silence' : { records: [mx(name, 'mx.example')] },
  )
  stop.push(server.close)
  const domains = dnsDomains({ timeoutMs: 5000, deadlineMs: 100, servers: [server.address] })
  const slow = domains.check('slow.example')
  expect(await domains.check(NAME)).toBe('accepts')
  expect(await slow).toBe('dns_failed')
  expect(await domains.check(NAME)).toBe('accepts')
})

it('never throws, whatever the name', async () => {
  const domains = dnsDomains({ timeoutMs: 50, tries: 1, servers: ['127.0.0.1:9'] })
  for (const name of ['', '.', 'a..b', 'x'.repeat(300), 'a\0b', '\ud800']) {
    expect(await domains.check(name)).not.toBe('accepts')
  }
})
