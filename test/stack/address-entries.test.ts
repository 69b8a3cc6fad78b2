/** R17: addresses as they come in, on a whole stack that asks a name server on loopback. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DnsAnswer, mx, NXDOMAIN, startDnsServer } from '../adapters/dns-server.ts'
import { authentication, policy } from '../support/policies.ts'
import {
  adminSession,
  isAccepted,
  linotpSession,
  selfServiceSession,
  startTestStack,
} from './support.ts'
import type { TestStack } from './support.ts'

/** Domains the name server does not answer about. */
const silent = new Set<string>()
const asked: string[] = []

let dns: Awaited<ReturnType<typeof startDnsServer>>
let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  dns = await startDnsServer(({ name, type }): DnsAnswer => {
    asked.push(`${type} ${name}`)
    if (silent.has(name)) return 'silence'
    if (name.endsWith('nowhere.example')) return { rcode: NXDOMAIN }
    if (name.endsWith('nomail.example')) return {}
    return type === 'MX' ? { records: [mx(name, `mail.${name}`)] } : {}
  })
  world = await startTestStack({
    environment: { OTPOST_DNS_SERVERS: dns.address },
    parameters: {
      'address.check_domain': 'mx',
      'address.denied_domains': 'denied.example',
      ...authentication('enroll_via_multichallenge=EMAIL'),
      ...policy('user', 'enrollEMAIL, setpin', {}, 'own'),
    },
  })
  headers = await adminSession(world)
})
afterAll(async () => {
  await world?.stack.stop()
  await dns?.close()
})

const operator = (command: string, args: object) =>
  world.stack.invoke('otpost-local-operator', { command, args }) as Promise<any>
/** Why the last request of this path was refused, for the audit. */
const auditOf = (path: string) =>
  world.lines.findLast(({ fields }) => fields.record === 'audit' && fields.path === path)?.fields
const FAULTS = [
  ['a@nowhere.example', 'domain_unknown'],
  ['a@nomail.example', 'domain_no_mail'],
  ['a@denied.example', 'domain_denied'],
  ['a@mailinator.com', 'domain_disposable'],
  ['a@', 'domain_empty'],
] as const

describe('R17: at a login', () => {
  const CHECK = '/validate/check'
  let users = 0

  /** Somebody who has given a first factor and is asked for an address. */
  async function newcomer() {
    const user = `newcomer${++users}`
    await operator('user.add', { user })
    const form = { type: 'spass', user, pin: 'spass', serial: `SP${user}` }
    await world.api.post('/token/init', form, headers)
    const { json } = await world.api.post(CHECK, { user, pass: 'spass' })
    expect(json.detail.enroll_via_multichallenge).toBe(true)
    const { transaction_id } = json.detail
    return { user, type: (pass: string) => world.api.post(CHECK, { user, transaction_id, pass }) }
  }

  test.each(FAULTS)('%s is refused: %s', async (address, reason) => {
    const { type } = await newcomer()
    const { status, json } = await type(address)
    expect({ status, ...json.result.error }).toMatchObject({ status: 400, code: 401 })
    expect(auditOf(CHECK)).toMatchObject({ reason })
  })

  test('a good one gets the code that lets in', async () => {
    const { user, type } = await newcomer()
    const { json } = await type(`${user}+tag@example.photography`)
    const pass = await world.nextCode(`${user}+tag@example.photography`)
    const { transaction_id } = json.detail
    expect(isAccepted(await world.api.post(CHECK, { user, transaction_id, pass }))).toBe(true)
    expect(asked).toContain('MX example.photography')
  })

  test('while DNS hangs the answer comes in time, and the same login goes on', async () => {
    const { user, type } = await newcomer()
    silent.add('slow.example')
    const first = await type(`${user}@slow.example`)
    expect(first.json.result.authentication).toBe('CHALLENGE')
    expect(first.json.detail.message).toContain('could not be checked now; try again')
    // without its own limit a look-up takes five seconds
    expect(auditOf(CHECK)!.ms).toBeLessThan(4000)
    const { json } = await type(`${user}@other.example`)
    expect(json.result.authentication).toBe('CHALLENGE')
    expect(await world.nextCode(`${user}@other.example`)).toMatch(/^\d{6}$/)
  })
})

describe('R17: by administrators', () => {
  test.each(FAULTS)('%s is refused by every wire: %s', async (email, reason) => {
    const { user } = await world.addUser()
    const calls = [
      world.api.post('/token/init', { type: 'email', user, email }, headers),
      world.api.json('PUT', `/v1/users/demo/${user}/address`, { address: email }, headers),
      world.api.json('POST', '/v1/tokens', { user, email }, headers),
    ]
    for (const { status, text } of await Promise.all(calls)) {
      expect(status, text).toBe(400)
    }
    expect(auditOf('/token/init')).toMatchObject({ reason })
    const vouched = await operator('user.address.set', { user, address: email })
    expect(vouched.ok).toBe(false)
    const added = await operator('user.add', { user: `${user}-2`, email })
    expect(added.error).toMatchObject({ code: 'invalid_argument', parameter: 'email' })
  })

  test.each(FAULTS)("%s is refused by LinOTP's wire: %s", async (email_address, reason) => {
    const { user } = await world.addUser()
    const form = { type: 'email', user, email_address }
    const { json } = await world.api.post('/linotp/admin/init', form, await linotpSession(world))
    expect(json.result).toMatchObject({ status: false, error: { message: expect.any(String) } })
    expect(auditOf('/linotp/admin/init')).toMatchObject({ reason })
  })

  test('an import skips those it must, and asks DNS only where it is told to', async () => {
    const rows = FAULTS.map(([email], index) => ({ user: `row${index}`, email }))
    const states = async (args: object) => {
      const { value } = await operator('user.import', { rows, import: 'import-1', ...args })
      return value.rows.map(({ state }: { state: string }) => state)
    }
    expect(await states({ check_domains: true })).toEqual(FAULTS.map(() => 'refused'))
    const kept = ['added', 'added', 'refused', 'refused', 'refused']
    expect(await states({ verified: true })).toEqual(kept)
    const line = world.lines.findLast(({ fields }) => fields.command === 'user.import')!
    expect(line.fields).toMatchObject({ detail: 'import import-1: 2 added, 3 refused' })
    const shown = await operator('user.show', { user: 'row0' })
    expect(shown.value).toMatchObject({ email_verified: { method: 'admin' }, import: 'import-1' })
  })
})

describe('R17: by people themselves', () => {
  const asks = (session: string, address: string) => {
    const authorization = `Bearer ${session}`
    return world.api.json('POST', '/v1/self/address', { address }, { authorization })
  }

  test.each(FAULTS)('%s is refused in the self-service: %s', async (address, reason) => {
    const session = await selfServiceSession(world, await world.addUser('1234'))
    const { json } = await asks(session, address)
    expect(json).toMatchObject({ status: 400, parameter: 'address', reason })
  })

  test.each(FAULTS)('%s is refused at activation: %s', async (address, reason) => {
    const user = `activating-${reason}`
    const password = 'correct horse'
    await operator('user.add', { user, password })
    const signedIn = await world.api.json('POST', '/v1/self/sessions', { user, pin: password })
    expect(signedIn.status, signedIn.text).toBe(201)
    const { json } = await asks(signedIn.json.session, address)
    expect(json).toMatchObject({ status: 400, parameter: 'address', reason })
    const taken = await asks(signedIn.json.session, `${user}@example.photography`)
    expect(taken.status, taken.text).toBe(202)
  })
})
