import { describe, expect, it, vi } from 'vitest'
import { createAdminWorld, valueOf } from './privacyidea/admin-world.ts'
import { createWorld } from '../support/world.ts'
import { createSelf, signsIn, holding, asks, policy, MINUTE, PIN } from './v1/self/people.ts'
import { authentication, authorization } from '../support/policies.ts'
import { setAddress, restoreAddress } from '../../functions/core/registration.ts'
import { withUndeliverable } from '../../functions/core/undeliverable.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

describe('dispute on the privacyIDEA wire', () => {
  it.each(['enable', 'init', 'delete+activation'])('%s', async (how) => {
    const world = await createAdminWorld()
    await world.configure({ 'policies/u': policy('enable, enrollEMAIL, delete') })
    await world.init({ user: 'alice', dynamic_email: '1', pin: 'pin', serial: 'PIEM0001' })
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    const account = await world.account('alice')
    await world.ports.accounts.save(account, {
      ...account,
      former: [{ address: 'a@x.example', reference: '1'.repeat(20), secret: '', replacedBy: 'b', at: 1, until: 2, disputedAt: 3 }],
      tokens: { PIEM0001: { ...account.tokens.PIEM0001!, enabled: false, info: { disabled_by: 'address_disputed' } } },
    })
    if (how === 'enable') console.log(how, (await alice('POST', '/token/enable/PIEM0001')).text)
    if (how === 'init') console.log(how, (await alice('POST', '/token/init', { form: { type: 'email', email: 'thief@x.example', pin: 'p' } })).text)
    if (how.startsWith('delete')) console.log(how, (await alice('DELETE', '/token/PIEM0001')).text)
    const after = await world.account('alice')
    console.log(how, Object.values(after.tokens).map(({ serial, enabled, email }) => [serial, enabled, email]))
  })
})

it('sessions after set/restore', async () => {
  const api = await createSelf()
  const thief = await signsIn(api)
  await setAddress(api.ports, await api.account('alice'), 'new@x.example')
  console.log('after set', (await thief.get('')).status)
  const t2 = await signsIn(api)
  await restoreAddress(api.ports, await api.account('alice'))
  console.log('after restore', (await t2.get('')).status)
})

it('pin change extends freshness', async () => {
  const api = await createSelf()
  let s = await signsIn(api)
  for (let n = 0; n < 10; n++) {
    api.advance(4 * MINUTE)
    const { status, json } = await s.put('/pin', { new: `9999${n}` })
    if (status !== 201) { console.log('pin stops at', n, status); break }
    s = holding(api, json.session)
    if (n === 9) console.log('40 minutes later still fresh')
  }
})

it('self service: undeliverable, resend', async () => {
  const api = await createSelf({ 'email.resend_after': '60' })
  const login = await api.login('/v1/challenges', { json: { user: 'alice', pin: PIN } })
  const otp = api.lastCode()
  for (let n = 0; n < 4; n++) await asks(api)
  console.log('mails with resend_after', api.mails.length)
  console.log('login answer', (await api.login(`/v1/challenges/${login.json.transaction_id}/answer`, { json: { user: 'alice', otp } })).status)
  const a = await api.account('alice')
  await api.ports.accounts.save(a, withUndeliverable(a, 'alice@example.org', { at: 1, why: 'complaint', words: '' })!)
  const before = api.mails.length
  api.advance(10 * MINUTE)
  console.log('login', (await api.login('/v1/challenges', { json: { user: 'alice', pin: PIN } })).status, 'self', (await asks(api)).status, api.mails.length - before)
})

it('passOnNoUser vs authorize', async () => {
  const world = createWorld()
  await world.enrol(await world.addUser('alice'))
  world.set({ ...authentication('passOnNoUser'), 'policies/az': JSON.stringify({ scope: 'authorization', action: 'authorize', user: 'alice' }) })
  console.log('ghost', JSON.stringify(await world.check({ user: 'ghost', pass: 'x' })).slice(0, 200))
  world.set({ 'policies/az': JSON.stringify({ scope: 'authorization', action: 'authorized=deny_access' }) })
  console.log('ghost deny', JSON.stringify(await world.check({ user: 'ghost', pass: 'x' })).slice(0, 200))
})
