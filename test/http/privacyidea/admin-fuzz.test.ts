import fc from 'fast-check'
import { beforeAll, expect, it, vi } from 'vitest'
import { ADMIN_ROUTES } from '../../../functions/http/privacyidea/admin-routes.ts'
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

/** What stands in a path for its placeholders. */
const IN_PATH: Record<string, string> = {
  ...{ serial: 'EM1', user: 'alice', key: 'email.subject', otp: '1', scope: 'user', file: 'x.csv' },
}
const PATHS = [
  ...new Set(
    ADMIN_ROUTES.map(({ path }) =>
      path.replace(/\{(\w+)\}/g, (_, name: string) => IN_PATH[name] ?? `${name}1`),
    ),
  ),
]
const NAMES = [
  ...['user', 'username', 'password', 'realm', 'realms', 'resolver', 'resolvers', 'serial', 'type'],
  ...['email', 'dynamic_email', 'pin', 'otppin', 'otpkey', 'otplen', 'value', 'page', 'pagesize'],
  ...['sortby', 'scope', 'action', 'active', 'client', 'time', 'priority', 'server', 'port', 'tls'],
  ...['sender', 'recipient', 'identifier', 'email.mailserver', 'email.validtime', '__proto__'],
  ...['max_failcount', 'description', 'validity_period_end', 'infokey', 'infovalue', 'outform'],
  ...['file', 'timelimit', 'sortorder', 'page_size', 'success', 'administrator'],
]
const value = fc.oneof(
  fc.constantFrom('alice', 'EM1', 'realm1', 'email', 'spass', '', '*', '1', 'True', '__proto__'),
  fc.constantFrom('7d', 'asc', '[p]\nscope = user\naction = disable\n', '[p]\nscope = x\n'),
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
        // a file of what there is none of is empty
        const told = text.length > 0 || path.endsWith(IN_PATH.file!)
        const defined = status >= 200 && status < 500 && told
        expect([path, json, status, defined]).toEqual([path, json, status, true])
      },
    ),
    { numRuns: 1500 },
  )
})
