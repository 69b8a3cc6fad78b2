import fc from 'fast-check'
import { beforeAll, expect, it, vi } from 'vitest'
import { type AdminWorld, createAdminWorld } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeAll(async () => {
  world = await createAdminWorld()
  await world.init({ user: 'alice', dynamic_email: '1', pin: '1', serial: 'EM1' })
})

const PATHS = [
  ...['/auth', '/auth/rights', '/token/', '/token/init', '/token/assign', '/token/unassign'],
  ...['enable', 'disable', 'reset', 'revoke', 'setpin', 'set', 'description'].map(
    (verb) => `/token/${verb}`,
  ),
  ...['/token/EM1', '/token/lost/EM1', '/token/realm/EM1', '/token/info/EM1/x'],
  ...['/token/challenges/', '/token/challenges/EM1', '/token/getserial/1', '/user/'],
  ...['/user/directory/alice', '/realm/', '/realm/r1', '/defaultrealm', '/defaultrealm/r1'],
  ...['/resolver/', '/resolver/r1', '/system/', '/system/setConfig', '/system/email.subject'],
  ...['/system/test/email', '/smtpserver/', '/smtpserver/s1', '/smtpserver/send_test_email'],
  ...['/policy/', '/policy/p1', '/policy/enable/p1', '/policy/defs', '/policy/defs/user'],
]
const NAMES = [
  ...['user', 'username', 'password', 'realm', 'realms', 'resolver', 'resolvers', 'serial', 'type'],
  ...['email', 'dynamic_email', 'pin', 'otppin', 'otpkey', 'otplen', 'value', 'page', 'pagesize'],
  ...['sortby', 'scope', 'action', 'active', 'client', 'time', 'priority', 'server', 'port', 'tls'],
  ...['sender', 'recipient', 'identifier', 'email.mailserver', 'email.validtime', '__proto__'],
  ...['max_failcount', 'description', 'validity_period_end', 'infokey', 'infovalue', 'outform'],
]
const value = fc.oneof(
  fc.constantFrom('alice', 'EM1', 'realm1', 'email', 'spass', '', '*', '1', 'True', '__proto__'),
  fc.string({ maxLength: 20 }),
  fc.jsonValue({ maxDepth: 1 }),
)

it('whatever is asked, the answer is defined: nothing below 200 or from 500 on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
      fc.constantFrom(...PATHS),
      fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 5 }),
      async (method, path, json) => {
        const { status, text } = await world.call(method, path, { json })
        expect([path, json, status >= 200 && status < 500, text.length > 0]).toEqual([
          ...[path, json, true, true],
        ])
      },
    ),
    { numRuns: 1500 },
  )
})
