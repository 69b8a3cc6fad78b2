import { beforeEach, describe, expect, it } from 'vitest'
import {
  confirmAddress,
  disputeChange,
  requestAddress,
} from '../../../functions/core/registration.ts'
import { passwordHash, updateUser } from '../../../functions/core/users.ts'
import { policy } from '../../support/policies.ts'
import { type Api, addAlice, createApi, signedIn } from './api.ts'

const PATH = '/v1/users/demo/alice/address'
const NEW = { address: 'Alice@New.example' }
let api: Api
let headers: { authorization: string }

beforeEach(async () => {
  api = createApi({ settings: { 'selfservice.url': 'https://otp.example.org' } })
  headers = await signedIn(api)
  await addAlice(api.world)
})

const call = (method: string, path = PATH, json?: object) =>
  api.admin(path, { method, headers, ...(json ? { json } : {}) })
const user = async () => (await call('GET', '/v1/users/demo/alice')).json

describe('an administrator', () => {
  it('R16 has a user prove an address, and never sees its code', async () => {
    const { status, text, json } = await call('POST', PATH, NEW)
    expect(status).toBe(202)
    expect(json).toMatchObject({
      email: 'alice@example.org',
      pending_address: { address: 'Al********@n****.example', reason: 'update' },
    })
    expect(text).not.toContain(api.lastCode())
    expect(api.mails.map(({ to }) => to)).toEqual(['Alice@new.example'])
    expect(await user()).toMatchObject({ pending_address: { reason: 'update' } })
    const { pending } = await api.account('alice')
    const confirmed = await confirmAddress(api.ports, await api.account('alice'), {
      ...{ transactionId: pending!.transactionId, code: api.lastCode(), nonce: 'n' },
      caller: { clientIp: '' },
    })
    expect(confirmed).toMatchObject({ confirmed: true })
    expect(await user()).toMatchObject({
      email: 'Alice@new.example',
      email_verified: { method: 'admin' },
      former_address: { address: 'al********@e****.org' },
    })
  })

  it('vouches for one, which is in use at once, and whose reader before is told', async () => {
    const { status, json } = await call('PUT', PATH, NEW)
    expect(status).toBe(200)
    expect(json).toMatchObject({ email: 'Alice@new.example', email_verified: { method: 'admin' } })
    expect(api.mails.map(({ to }) => to)).toEqual(['alice@example.org'])
    expect(api.lines.findLast(({ message }) => message === 'request')).toMatchObject({
      user: 'alice',
      addresses: {
        old: { mask: 'al********@e****.org' },
        new: { mask: 'Al********@n****.example' },
      },
    })
  })

  it('forgets a pending one, once', async () => {
    await call('POST', PATH, NEW)
    expect((await call('DELETE')).status).toBe(204)
    expect(await user()).not.toHaveProperty('pending_address')
    expect((await call('DELETE')).status).toBe(404)
  })

  it('restores the one before after a dispute', async () => {
    await call('PUT', PATH, NEW)
    const [reference, code] = [/dispute=(\d+)/, /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/].map((pattern) =>
      pattern.exec(api.mails[0]!.text)!.at(-1)!,
    )
    await disputeChange(api.ports, reference!, code!, 'n')
    expect(await user()).toMatchObject({ address_disputed: true })
    expect((await call('POST', PATH, NEW)).json.type).toBe('urn:otpost:problem:disputed')
    const { status, json } = await call('POST', `${PATH}/restorations`)
    expect([status, json.email]).toEqual([200, 'alice@example.org'])
    expect(await user()).not.toHaveProperty('address_disputed')
    expect((await call('POST', `${PATH}/restorations`)).status).toBe(404)
  })

  it.each([
    ['POST', PATH, { address: 'a b@x.example' }, 400, 'malformed', 'space'],
    ['PUT', PATH, { address: 'a@nomail.example' }, 400, 'malformed', 'domain_null_mx'],
    ['POST', '/v1/users/demo/nobody/address', NEW, 404, 'not_found', undefined],
    ['PUT', '/v1/users/demo/nobody/address', NEW, 404, 'not_found', undefined],
  ])('is refused %s %s %j by name', async (method, path, json, status, type, reason) => {
    api.domainVerdicts.set('nomail.example', 'null_mx')
    const refused = await call(method, path, json)
    expect(refused.status).toBe(status)
    expect(refused.json).toMatchObject({ type: `urn:otpost:problem:${type}` })
    expect(refused.json.reason).toBe(reason)
    expect(api.mails).toEqual([])
  })

  it('R15 registers nobody while registration is off', async () => {
    api.set({ 'allowed.reg.factors': 'password' })
    const { status, json } = await call('POST', PATH, NEW)
    expect([status, json.type]).toEqual([403, 'urn:otpost:problem:registration_off'])
  })

  it('needs the right to change users', async () => {
    const policy = { scope: 'admin', action: { userlist: true } }
    api.set({ 'policies/p': JSON.stringify(policy) })
    for (const method of ['POST', 'PUT']) {
      expect((await call(method, PATH, NEW)).status).toBe(403)
    }
    expect((await call('DELETE')).status).toBe(403)
    expect((await call('POST', `${PATH}/restorations`)).status).toBe(403)
  })
})

describe('R18 the code for an address logs in on no wire', () => {
  it('of ours, whatever it is sent to', async () => {
    const caller = { clientIp: '' }
    const account = await api.account('alice')
    const asked = await requestAddress(api.ports, account, 'b@x.example', { by: 'self', caller })
    if (!asked.requested) throw new Error(asked.message)
    const { transactionId } = asked.pending
    const otp = api.lastCode()
    for (const json of [
      { user: 'alice', otp },
      { serial: '@pending', otp },
    ]) {
      const path = `/v1/challenges/${transactionId}/answer`
      const { status, json: body } = await api.login(path, { json })
      expect([status, JSON.stringify(body)]).not.toContain(200)
    }
    const { status } = await api.login(`/v1/challenges/${transactionId}`, { query: 'user=alice' })
    expect(status).toBe(404)
    expect((await api.account('alice')).pending).toBeDefined()
  })
})

describe('an address that changes while a code is open', () => {
  it('is not proven by the code that went to the one before', async () => {
    const { world } = api
    world.set(policy('enrollment', 'autoenrollment=email', {}, 'auto'))
    world.set({ 'email.require_verified': 'true' })
    await world.addUser('dave', 'dave@evil.example')
    const password = (await passwordHash(world.ports, 'davepw-1'))!
    await updateUser(world.ports, 'demo', 'dave', { password })
    const asked = await world.check({ user: 'dave', pass: 'davepw-1' })
    if (asked.outcome !== 'challenged') throw new Error(JSON.stringify(asked))
    const { transactionId } = asked.issued[0]!
    const answer = { user: 'dave', transactionId, pass: api.lastCode() }
    const changed = await call('PATCH', '/v1/users/demo/dave', { email: 'ceo@victim.example' })
    expect(changed.status).toBe(200)
    expect(await world.check(answer)).toMatchObject({ outcome: 'rejected', reason: 'closed' })
    const { json } = await call('GET', '/v1/users/demo/dave')
    expect(json).toMatchObject({ email: 'ceo@victim.example' })
    expect(json).not.toHaveProperty('email_verified')
  })
})
