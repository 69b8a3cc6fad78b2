import fc from 'fast-check'
import { beforeAll, expect, it, vi } from 'vitest'
import { LINOTP_ADMIN_ROUTES } from '../../../functions/http/linotp/admin-routes.ts'
import { type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
import { type Browser, signedIn } from './browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
let admin: Browser
beforeAll(async () => {
  world = await createAdminWorld()
  await world.init({ user: 'alice', dynamic_email: '1', pin: '1', serial: 'EM1' })
  admin = await signedIn(world)
})

const PATHS = [
  ...new Set(LINOTP_ADMIN_ROUTES.map(({ path }) => path.replace('/linotp', ''))),
].filter((path) => path !== '/admin/logout')
const NAMES = [
  ...[
    'user',
    'username',
    'password',
    'realm',
    'serial',
    'serial[]',
    'type',
    'email_address',
    'pin',
  ],
  ...[
    'otpkey',
    'otplen',
    'hashlib',
    'description',
    'page',
    'pagesize',
    'sortby',
    'sortdir',
    'filter',
  ],
  ...['viewrealm', 'user_fields', 'outform', 'tokeninfo_format', 'transactionid', 'state', 'open'],
  ...[
    'MaxFailCount',
    'maxfailcount',
    'validityPeriodEnd',
    'countAuthMax',
    'httperror',
    '__proto__',
  ],
  ...['name', 'class', 'config', 'timeout', 'default', 'key', 'value', 'scope', 'action', 'client'],
  ...['time', 'active', 'export', 'csrf_token'],
]
const value = fc.oneof(
  fc.constantFrom(
    'alice',
    'EM1',
    'realm1',
    'email',
    'spass',
    '',
    '*',
    '1',
    'csv',
    '__proto__',
    'json',
  ),
  fc.constantFrom('a@example.org', '31/01/26 08:00', 'TokenId', '1'.repeat(20), ['EM1'], ['a', 1]),
  fc.string({ maxLength: 20 }),
  fc.jsonValue({ maxDepth: 1 }),
)

it('whatever is asked, the answer is defined: nothing below 200 or from 500 on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT'),
      fc.constantFrom(...PATHS),
      fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 6 }),
      async (method, path, json) => {
        const { status } = await admin.call(path, { method, json })
        // httperror asks for a status
        const defined = (status >= 200 && status < 500) || 'httperror' in json
        expect([path, json, status, defined]).toEqual([path, json, status, true])
      },
    ),
    { numRuns: 1500 },
  )
})
