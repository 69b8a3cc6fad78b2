import { beforeEach, describe, expect, it } from 'vitest'
import { issueSession } from '../../../functions/core/sign-in.ts'
import { apiKeyIn } from '../../support/api-keys.ts'
import { authentication, policy } from '../../support/policies.ts'
import type { World } from '../../support/world.ts'
import { createLogins, type Logins } from './logins.ts'

let world: World
let send: Logins['send']
let check: Logins['check']

beforeEach(async () => {
  ;({ world, send, check } = await createLogins())
})

describe('who may ask', () => {
  it('anybody, until networks are named', async () => {
    world.set({ 'validate.clients': '10.0.0.0/8, 2001:db8::/32' })
    const from = (ip: string) => send('/validate/check', { form: { user: 'alice', pass: 'x' }, ip })
    expect((await from('192.0.2.1')).status).toBe(403)
    expect((await from('10.1.2.3')).status).toBe(200)
    expect((await from('2001:db8::1')).status).toBe(200)
  })

  it('a holder of an API key where one is required', async () => {
    world.set({ api_key_required: 'true' })
    const key = await apiKeyIn(world.ports, world.set)
    const admin = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    const ask = (authorization?: string) =>
      send('/validate/check', {
        form: { user: 'alice', pass: 'x' },
        ...(authorization ? { headers: { authorization } } : {}),
      })
    expect((await ask()).json.result.error).toEqual({
      code: 303,
      message: 'No valid API key was passed.',
    })
    expect((await ask(admin)).status).toBe(403)
    expect((await ask(key)).status).toBe(200)
    world.advance(3_600_000)
    expect((await ask(key)).status).toBe(403)
  })

  it('an administrator, to trigger without a PIN', async () => {
    const trigger = (headers?: Record<string, string>) =>
      send('/validate/triggerchallenge', { form: { user: 'alice' }, headers })
    expect((await trigger()).json.result.error.code).toBe(4033)
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    expect((await trigger({ authorization: `Bearer ${session}` })).json.result.error.code).toBe(
      4304,
    )
    const { json } = await trigger({ 'pi-authorization': session })
    expect(json.result).toEqual({ authentication: 'CHALLENGE', status: true, value: 1 })
  })
})

describe('an application, where policies ask for it', () => {
  const VPN = authentication('otppin=none', { application: 'vpn' }, 'vpn')
  const isAsked = async (headers: Record<string, string>, path = '/validate/check') => {
    const { json } = await send(path, { form: { user: 'alice', pass: '' }, headers })
    return json.result?.authentication === 'CHALLENGE'
  }
  let verified: number
  beforeEach(() => {
    const { key } = world.ports.keyring
    verified = 0
    world.ports.keyring.key = (purpose) => {
      if (purpose === 'api') verified++
      return key(purpose)
    }
  })

  it('is known by its key, whichever header that is in', async () => {
    const key = await apiKeyIn(world.ports, world.set)
    world.set(VPN)
    expect(await isAsked({})).toBe(false)
    expect(await isAsked({ authorization: key })).toBe(true)
    expect(await isAsked({ authorization: `Bearer ${key}` })).toBe(true)
    expect(await isAsked({ 'pi-authorization': key })).toBe(true)
    world.set({ api_keys: '' })
    expect(await isAsked({ authorization: key })).toBe(false)
  })

  it('has its key verified once in a request, and not at all where nobody asks', async () => {
    const authorization = await apiKeyIn(world.ports, world.set)
    verified = 0
    await isAsked({ authorization })
    expect(verified).toBe(0)
    world.set({ ...VPN, api_key_required: 'true' })
    expect(await isAsked({ authorization })).toBe(true)
    expect(verified).toBe(1)
  })

  it('may stand beside the session of an administrator, who stays the one that acts', async () => {
    const authorization = await apiKeyIn(world.ports, world.set)
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    const wanted = authentication('disabled_token_types=email', { application: '*, -vpn' }, 'rest')
    world.set(wanted)
    const trigger = '/validate/triggerchallenge'
    expect(await isAsked({ 'pi-authorization': session }, trigger)).toBe(false)
    expect(world.mails).toEqual([])
    expect(await isAsked({ 'pi-authorization': session, authorization }, trigger)).toBe(true)
    const actors = world.lines.flatMap(({ actor }) => (actor ? [actor] : []))
    expect(actors).toEqual(Array(2).fill({ username: 'ann', role: 'admin' }))
  })
})

describe('an administrator of one realm', () => {
  const trigger = async (form: Record<string, string>) => {
    const session = await issueSession(world.ports, { username: 'ann', role: 'admin' })
    return send('/validate/triggerchallenge', { form, headers: { authorization: session } })
  }
  const helpdeskOf = (realm: string) => policy('admin', 'triggerchallenge', { realm }, 'helpdesk')

  it.each([{ user: 'alice' }, { serial: 'EMALICE' }, { user: 'alice', serial: 'EMALICE' }])(
    'triggers nothing in another one by %o',
    async (form) => {
      world.set({ 'realms/other': 'directory', ...helpdeskOf('other') })
      const { status, json } = await trigger(form as Record<string, string>)
      expect({ status, code: json.result.error?.code }).toEqual({ status: 403, code: 303 })
      expect(world.mails).toEqual([])
      world.set({ ...helpdeskOf('demo') })
      expect((await trigger(form as Record<string, string>)).json.result.value).toBe(1)
    },
  )

  it('triggers nothing where a policy moves the user out of it', async () => {
    world.set({
      'realms/other': 'directory',
      ...helpdeskOf('other'),
      ...authentication('set_realm=demo', { realm: 'other' }),
    })
    const { status } = await trigger({ user: 'alice', realm: 'other' })
    expect(status).toBe(403)
    expect(world.mails).toEqual([])
  })

  it('is not told who there is in another one', async () => {
    world.set({ 'realms/other': 'directory', ...helpdeskOf('other') })
    expect((await trigger({ user: 'nobody' })).status).toBe(403)
  })
})

describe('the hardened profile', () => {
  beforeEach(() => world.set({ profile: 'hardened' }))

  it('says the same of an unknown user, a wrong PIN, a locked token and a lost mail', async () => {
    const bodies = new Set<string>()
    const note = async (form: Record<string, string>) => {
      const { status, json } = await check(form)
      bodies.add(JSON.stringify([status, { ...json, time: 0 }]))
    }
    await note({ user: 'nobody', pass: '1234' })
    await note({ user: 'alice', realm: 'nope', pass: '1234' })
    await note({ user: 'dave', pass: '1234' })
    await note({ user: 'alice', pass: 'wrong' })
    world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
    await note({ user: 'alice', pass: '1234' })
    const { setEnabled } = await import('../../../functions/core/manage-tokens.ts')
    await setEnabled(world.ports, await world.account('alice'), 'EMALICE', false)
    await note({ user: 'alice', pass: '1234' })
    expect([...bodies]).toHaveLength(1)
  })

  it.each(['/validate/check', '/validate/samlcheck'])(
    'says no more where an error or attributes are asked for: %s',
    async (path) => {
      world.set({ ReturnSamlAttributesOnFail: 'true' })
      const bodies = new Set<string>()
      const note = async (form: Record<string, string>) => {
        const { status, text } = await send(path, { form: { ...form, exception: '1' } })
        bodies.add(`${status} ${text.replace(/"(time|signature)":[^,}]+/g, '')}`)
      }
      await note({ user: 'nobody', pass: '1234' })
      await note({ user: 'alice', pass: 'wrong' })
      world.mailServer(() => ({ sent: false, failure: 'configuration', reply: '550 no' }))
      await note({ user: 'alice', pass: '1234' })
      world.set({ 'mail.per_hour': '1' })
      await note({ user: 'alice', pass: '1234' })
      expect([...bodies]).toHaveLength(1)
    },
  )

  it('takes no PIN from a URL', async () => {
    const { status } = await send('/validate/check', { query: 'user=alice&pass=1234' })
    expect(status).toBe(403)
    expect(world.mails).toEqual([])
  })
})
