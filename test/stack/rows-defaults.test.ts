/** What a deployment does that sets no more than a sender: mail by SES, and addresses checked by DNS. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { a, mx, NXDOMAIN, SERVFAIL, startDnsServer } from '../adapters/dns-server.ts'
import type { DnsAnswer } from '../adapters/dns-server.ts'
import { SOON } from './support-rows.ts'
import {
  adminSession,
  answer,
  codeIn,
  isAccepted,
  selfServiceSession,
  startTestStack,
  trigger,
} from './support.ts'
import type { TestStack } from './support.ts'

/** All that has to be set, and the realm and the limits of the tests. */
const PARAMETERS = {
  'email.mailfrom': 'otp@otpost.dev',
  'realm.default': 'demo',
  'mail.per_hour': '0',
  'mail.per_day': '0',
}

/** What a name server says of domains; none of any other name. */
const DOMAINS: Readonly<Record<string, (type: string) => DnsAnswer>> = {
  'example.photography': (type) =>
    records(type === 'MX' && mx('example.photography', 'mx.example')),
  'address.example': (type) => records(type === 'A' && a('address.example')),
  'simulator.amazonses.com': (type) =>
    records(type === 'MX' && mx('simulator.amazonses.com', 'mx.example')),
  'nothing.example': () => records(false),
  'null.example': (type) => records(type === 'MX' && mx('null.example', '.')),
  'broken.example': () => ({ rcode: SERVFAIL }),
}
const records = (one: false | ReturnType<typeof a>): DnsAnswer => ({ records: one ? [one] : [] })

let world: TestStack
let dns: Awaited<ReturnType<typeof startDnsServer>>
let headers: Record<string, string>
beforeAll(async () => {
  dns = await startDnsServer(({ name, type }) => DOMAINS[name]?.(type) ?? { rcode: NXDOMAIN })
  world = await startTestStack({ environment: { OTPOST_DNS_SERVERS: dns.address } })
  const { authorization } = await adminSession(world)
  headers = { authorization: `Bearer ${authorization}` }
  const replaced = await world.mail.json('PUT', '/api/parameters', PARAMETERS)
  expect(replaced.json.configure.problems).toEqual([])
  const bySes = async () => expect(await providerOfLogin()).toBe('ses')
  await vi.waitFor(bySes, SOON)
})
afterAll(async () => {
  await world?.stack.stop()
  await dns?.close()
})

const patch = (parameters: Record<string, string | null>) =>
  world.mail.json('PATCH', '/api/parameters', parameters)

/** Who mailed the code of a login that was let in. */
async function providerOfLogin(): Promise<unknown> {
  const person = await world.addUser()
  const id = await trigger(world, person)
  const message = await world.nextMail(person.email)
  expect(isAccepted(await answer(world, person.user, id, codeIn(message)))).toBe(true)
  const delivered = () =>
    world.lines.find(({ fields }) => fields.message === 'delivered' && fields.transaction_id === id)
  await vi.waitFor(() => expect(delivered()).toBeDefined(), SOON)
  return delivered()!.fields.provider
}

it('R05: mail goes out by SES with no setting of a mail server', async () => {
  const { json: parameters } = await world.mail.get('/api/parameters')
  expect(Object.keys(parameters).sort()).toEqual(Object.keys(PARAMETERS).sort())
  expect(await providerOfLogin()).toBe('ses')
  const { json: sender } = await world.api.get('/v1/mail-sender', {}, headers)
  expect(sender).toMatchObject({ kind: 'ses', sender: 'otp@otpost.dev' })
  for (const member of ['host', 'port', 'username']) expect(sender).not.toHaveProperty(member)
})

it('R03: a mailbox that bounces is undeliverable, and the other factor is offered alone', async () => {
  const { user } = await world.addUser()
  const token = async (mailbox: string) => {
    const email = `${mailbox}+${user}@simulator.amazonses.com`
    const made = await world.api.json('POST', '/v1/tokens', { user, email, pin: 'p' }, headers)
    expect(made.status, made.text).toBe(201)
    return { email, serial: made.json.serial as string }
  }
  const [bounces, works] = [await token('bounce'), await token('success')]
  const ask = async () => (await world.api.json('POST', '/v1/challenges', { user, pin: 'p' })).json
  const serials = ({ challenges }: any) => challenges.map(({ serial }: any) => serial).sort()
  expect(serials(await ask())).toEqual([bounces.serial, works.serial].sort())
  const flag = async () =>
    (await world.api.get(`/v1/tokens/${bounces.serial}`, {}, headers)).json.undeliverable
  await expect.poll(flag, SOON).toMatchObject({ why: 'bounce' })

  world.unreadMails(works.email)
  const again = await ask()
  expect(serials(again)).toEqual([works.serial])
  const otp = await world.nextCode(works.email)
  const path = `/v1/challenges/${again.transaction_id}/answer`
  const answered = await world.api.json('POST', path, { user, otp })
  expect(answered.json).toMatchObject({ accepted: true, serial: works.serial })
})

describe('R17: a new address', () => {
  const registers = async (address: string, by: 'admin' | 'self') => {
    const person = await world.addUser('1234')
    const path = by === 'self' ? '/v1/self/address' : `/v1/users/demo/${person.user}/address`
    const session = by === 'self' ? await selfServiceSession(world, person) : undefined
    const own = session ? { authorization: `Bearer ${session}` } : headers
    return world.api.json('POST', path, { address }, own)
  }
  const WAYS = ['admin', 'self'] as const

  it.each(['user+tag@example.photography', 'me@address.example'])(
    'R17: %s is accepted: its domain has an MX or an address record',
    async (address) => {
      for (const by of WAYS) {
        const asked = await registers(address, by)
        expect(asked.status, asked.text).toBe(202)
        expect((await world.nextMail(address)).subject).toBe('Confirm your e-mail address')
      }
      expect(dns.questions.map(({ name }) => name)).toContain(address.split('@')[1])
    },
  )

  it.each([
    ['me@nothing.example', 'domain_no_mail'],
    ['me@unknown.example', 'domain_unknown'],
    ['me@null.example', 'domain_null_mx'],
  ])('R17: %s is refused for its domain, and nothing is mailed', async (address, reason) => {
    for (const by of WAYS) {
      const { status, json } = await registers(address, by)
      expect([status, json.parameter, json.reason]).toEqual([400, 'address', reason])
    }
    expect(world.unreadMails(address)).toEqual([])
  })

  it.each([
    ...[
      'plain',
      '@example.photography',
      'me@',
      'a@b@example.photography',
      'a b@example.photography',
    ],
    ...[
      'me@example..photography',
      '.me@example.photography',
      'me@-example.photography',
      'me@localhost',
    ],
    ...['Me <me@example.photography>', '"me"@example.photography', 'me@[127.0.0.1]'],
    ...[
      'me@example.photography, you@example.photography',
      'me@example.photography\r\nBcc: x@y.example',
    ],
  ])('R17: %j is refused for its syntax, and no name server is asked', async (address) => {
    const before = dns.questions.length
    for (const by of WAYS) {
      const { status, json } = await registers(address, by)
      expect([status, json.parameter]).toEqual([400, 'address'])
      expect(json.reason).not.toMatch(/^domain_(no_mail|unknown|null_mx)|dns/)
    }
    expect(dns.questions).toHaveLength(before)
  })

  it('R17: where no name server knows, the setting decides', async () => {
    const asked = async () => (await registers('me@broken.example', 'admin')).status
    expect(await asked()).toBe(400)
    await patch({ 'address.on_dns_failure': 'accept' })
    await expect.poll(asked, SOON).toBe(202)
    await patch({ 'address.on_dns_failure': null })
  })
})
