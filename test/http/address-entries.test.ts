/** R17: wherever an address is typed, the same is said of it. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { DomainVerdict } from '../../functions/core/address/domains.ts'
import { createAdminWorld } from './privacyidea/admin-world.ts'
import { createApi, selfSession, signedIn, addAlice } from './v1/api.ts'
import { signedIn as linotpAdmin } from './linotp/browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

/** What an entry answered: whether the address was taken, the words, and the audit's reason. */
type Told = { status: number; text: string; reason: unknown }
/** Types an address. */
type Entry = (address: string) => Promise<Told>
type Place = { entries: Record<string, Entry>; dns: Map<string, DomainVerdict>; set: Change }
type Change = (changes: Record<string, string>) => unknown

/** Where administrators and users of both references' wires type an address. */
async function references(): Promise<Place> {
  const world = await createAdminWorld()
  const { call, domainVerdicts: dns } = world
  await world.configure({
    'policies/u': JSON.stringify({ scope: 'user', action: '*' }),
    'mail.per_hour': '0',
  })
  await world.init({ user: 'alice', email: 'a@example.org', serial: 'EMA' })
  const carol = world.callAs(await world.sessionOf('carol', 'carolpw'))
  const linotp = await linotpAdmin(world)
  let made = 0
  const user = () => `u${++made}`
  const told = (entry: (email: string) => Promise<{ status: number; json: any }>): Entry => {
    return async (email) => {
      const { status, json } = await entry(email)
      const { reason } = world.lines.findLast(({ message }) => message === 'request')!
      const failed = json.result.status === false
      const text = json.result.error?.message ?? ''
      return { status: failed && status === 200 ? 400 : status, text, reason }
    }
  }
  const form = (email: string) => ({ form: { type: 'email', email, user: 'bob' } })
  const entries = {
    '/token/init': told((email) => call('POST', '/token/init', form(email))),
    '/token/init by the user': told((email) => carol('POST', '/token/init', form(email))),
    '/token/info': told((value) => call('POST', '/token/info/EMA/email', { form: { value } })),
    'POST /user/': told((email) =>
      call('POST', '/user/', { form: { user: user(), email, resolver: 'directory' } }),
    ),
    'PUT /user/': told((email) => call('PUT', '/user/', { form: { user: 'bob', email } })),
    '/linotp/admin/init': told((email_address) =>
      linotp.post('/admin/init', { type: 'email', user: 'bob', email_address }),
    ),
  }
  return { entries, dns, set: world.configure }
}

/** Where they do on our own. */
async function own(): Promise<Place> {
  const api = createApi({ settings: { 'mail.per_hour': '0', 'mail.per_day': '0' } })
  await addAlice(api.world)
  await api.addUser('bob')
  await api.addUser('eve')
  const [headers, mine] = [await signedIn(api), await selfSession(api)]
  let made = 0
  const told =
    (method: string, path: string, body: (email: string) => object, self = false): Entry =>
    async (email) => {
      const call = self ? api.self : api.admin
      const of = self ? mine : headers
      const { status, json } = await call(path, { method, json: body(email), headers: of })
      const { reason } = api.lines.findLast(({ message }) => message === 'request')!
      if (status >= 400 && json?.reason !== reason) throw new Error(`told ${json?.reason}`)
      return { status, text: json?.detail ?? '', reason }
    }
  const asAddress = (address: string) => ({ address })
  const entries = {
    'POST /v1/tokens': told('POST', '/v1/tokens', (email) => ({ user: 'bob', email })),
    'POST /v1/users': told('POST', '/v1/users', (email) => ({ user: `u${++made}`, email })),
    'PATCH /v1/users': told('PATCH', '/v1/users/demo/bob', (email) => ({ email })),
    'PUT …/address': told('PUT', '/v1/users/demo/bob/address', asAddress),
    'POST …/address': told('POST', '/v1/users/demo/eve/address', asAddress),
    '/v1/self/address': told('POST', '/v1/self/address', asAddress, true),
  }
  return { entries, dns: api.domainVerdicts, set: api.set }
}

describe.each([
  ['on the wires of the references', references],
  ['on our own', own],
])('%s', (_, start) => {
  let place: Place
  beforeEach(async () => {
    place = await start()
  })

  /** What every entry says of one address. */
  async function everywhere(address: string): Promise<Map<string, Told>> {
    const told = new Map<string, Told>()
    for (const [name, entry] of Object.entries(place.entries)) told.set(name, await entry(address))
    return told
  }
  const refused = (reason: string, words: string) => (told: Map<string, Told>) => {
    for (const [entry, { status, ...said }] of told) {
      expect({ entry, status: Math.floor(status / 100), ...said }).toMatchObject({
        ...{ entry, status: 4, reason, text: expect.stringContaining(words) },
      })
    }
  }

  it.each([
    ['a b@x.example', 'space', 'Remove the space'],
    ['a@b@x.example', 'several_addresses', 'exactly one address'],
    ['a@thrown.mailinator.com', 'domain_disposable', 'Disposable addresses are not accepted'],
    ['a@nowhere.example', 'domain_unknown', 'does not exist'],
    ['a@web.example', 'domain_no_mail', 'has no mail server'],
    ['a@silent.example', 'domain_null_mx', 'takes no mail'],
    ['a@slow.example', 'domain_unchecked', 'could not be checked now; try again'],
  ])('%s is refused: %s', async (address, reason, words) => {
    place.dns.set('nowhere.example', 'unknown_domain').set('web.example', 'no_mail')
    place.dns.set('silent.example', 'null_mx').set('slow.example', 'dns_failed')
    refused(reason, words)(await everywhere(address))
  })

  it('the lists of domains hold', async () => {
    await place.set({ 'address.denied_domains': 'denied.example' })
    refused(
      'domain_denied',
      'of this domain are not accepted',
    )(await everywhere('a@Denied.example'))
    await place.set({ 'address.allowed_domains': 'example.org' })
    refused('domain_not_allowed', 'certain domains')(await everywhere('a@x.example'))
  })

  it('a good one is taken, also while DNS is not to be asked', async () => {
    await place.set({ 'address.check_domain': 'off' })
    place.dns.set('x.example', 'unknown_domain')
    for (const [entry, { status }] of await everywhere('user+tag@x.example')) {
      expect({ entry, taken: status < 300 }).toEqual({ entry, taken: true })
    }
  })

  it('a policy takes a realm out of it', async () => {
    const rule = { scope: 'enrollment', action: 'email_validation=syntax' }
    await place.set({ 'policies/e': JSON.stringify(rule) })
    place.dns.set('x.example', 'unknown_domain')
    for (const [entry, { status }] of await everywhere('a@x.example')) {
      expect({ entry, taken: status < 300 }).toEqual({ entry, taken: true })
    }
  })
})
