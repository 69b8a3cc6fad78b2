import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type AdminWorld, createAdminWorld } from '../privacyidea/admin-world.ts'
import { type Browser, signedIn, told } from './browser.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
let admin: Browser
beforeEach(async () => {
  world = await createAdminWorld()
  admin = await signedIn(world)
  await init({ serial: 'LSEM0001', user: 'alice', description: 'b desk' })
  world.advance(1000)
  await init({ serial: 'LSEM0002', user: 'bob', description: 'a phone' })
  world.advance(1000)
  await init({ serial: 'XX1', description: 'c spare' })
})

const init = (form: Record<string, string>) =>
  admin.post('/admin/init', { type: 'email', email_address: 'a@example.org', pin: '1234', ...form })
const show = async (query: Record<string, string> = {}) =>
  told(await admin.get('/admin/show', query))
const serials = async (query: Record<string, string>) =>
  (await show(query)).value.data.map(
    (token: Record<string, unknown>) => token['LinOtp.TokenSerialnumber'],
  )

test('a token is shown as LinOTP shows it', async () => {
  const answer = await admin.get('/admin/show', { serial: 'LSEM0001' })
  expect(answer.json.result.value).toEqual({
    data: [
      {
        'LinOtp.TokenId': 1,
        'LinOtp.TokenDesc': 'b desk',
        'LinOtp.TokenSerialnumber': 'LSEM0001',
        'LinOtp.TokenType': 'email',
        'LinOtp.TokenInfo': expect.any(String),
        'LinOtp.IdResolver': 'directory',
        'LinOtp.IdResClass': 'directory',
        'LinOtp.Userid': 'alice',
        'LinOtp.OtpLen': 6,
        'LinOtp.MaxFail': 10,
        'LinOtp.Isactive': true,
        'LinOtp.FailCount': 0,
        'LinOtp.Count': 0,
        'LinOtp.CountWindow': 10,
        'LinOtp.SyncWindow': 1000,
        'LinOtp.CreationDate': '2026-11-21 12:00:00',
        'LinOtp.LastAuthSuccess': '',
        'LinOtp.LastAuthMatch': '',
        'LinOtp.RealmNames': ['realm1'],
        'User.description': '',
        'User.userid': 'alice',
        'User.username': 'alice',
      },
    ],
    resultset: { pages: 1, pagesize: 1, tokens: 1, page: 1 },
  })
  const [{ 'LinOtp.TokenInfo': info }] = answer.json.result.value.data
  expect(JSON.parse(info)).toMatchObject({ email_address: 'a@example.org', hashlib: 'sha1' })
  const { secret, pin } = (await world.account('alice')).tokens.LSEM0001!
  for (const hidden of [secret, pin!.mac, pin!.salt]) expect(answer.text).not.toContain(hidden)
})

test('tokeninfo_format=json gives an object with dates in ISO 8601', async () => {
  await admin.post('/admin/set', { serial: 'LSEM0001', validityPeriodEnd: '31/01/27 08:00' })
  const query = { serial: 'LSEM0001' }
  const info = async (more = {}) =>
    (await show({ ...query, ...more })).value.data[0]['LinOtp.TokenInfo']
  expect(JSON.parse(await info())).toMatchObject({ validity_period_end: '31/01/27 08:00' })
  expect(await info({ tokeninfo_format: 'json' })).toMatchObject({
    validity_period_end: '2027-01-31T08:00:00',
  })
})

test.each([
  [{}, ['LSEM0002', 'LSEM0001', 'XX1']],
  [{ serial: 'LSEM*' }, ['LSEM0002', 'LSEM0001']],
  [{ serial: 'NOPE' }, []],
  [{ user: 'alice' }, ['LSEM0001']],
  [{ user: 'alice@realm1' }, ['LSEM0001']],
  [{ user: 'nobody' }, []],
  [{ user: 'A*' }, ['LSEM0001']],
  [{ user: '/:no user:/' }, ['XX1']],
  [{ realm: 'realm1' }, ['LSEM0002', 'LSEM0001']],
  [{ viewrealm: '/:no realm:/' }, ['XX1']],
  [{ realm: 'other' }, []],
  [{ filter: 'phone' }, ['LSEM0002']],
  [{ filter: '/:inactive:/' }, []],
  [{ sortby: 'TokenSerialnumber' }, ['LSEM0001', 'LSEM0002', 'XX1']],
  [{ sortby: 'CreationDate', sortdir: 'desc' }, ['XX1', 'LSEM0002', 'LSEM0001']],
  [{ page: '2', pagesize: '2' }, ['XX1']],
  [{ page: '9' }, []],
])('%j finds %j', async (query, found) => {
  expect(await serials(query as Record<string, string>)).toEqual(found)
})

test('pages are counted', async () => {
  const { value } = await show({ page: '1', pagesize: '2' })
  expect(value.resultset).toEqual({ pages: 2, pagesize: 2, tokens: 3, page: 1 })
  expect((await show({ page: '1' })).value.resultset).toMatchObject({ pages: 1, pagesize: 50 })
})

test.each([
  [{ page: '0' }, 905],
  [{ pagesize: 'x' }, 905],
  [{ sortby: 'constructor' }, -311],
])('%j is refused', async (query, code) => {
  expect(await show(query as Record<string, string>)).toMatchObject({ status: 200, code })
})

test('user_fields tells more of the owner to who may look at users', async () => {
  const query = { serial: 'LSEM0001', user_fields: 'email, phone,password,__proto__' }
  expect((await show(query)).value.data[0]).toMatchObject({
    'User.email': 'alice@example.org',
    'User.phone': '',
    'User.password': '',
    'User.__proto__': '',
  })
  await world.configure({
    'policies/a': JSON.stringify({ scope: 'admin', action: 'tokenlist' }),
  })
  expect((await show(query)).value.data[0]).toMatchObject({ 'User.email': '' })
})

describe('outform=csv', () => {
  const csv = (query = {}) => admin.get('/admin/show', { outform: 'csv', ...query })

  test('is a file with a line of names and one for each token', async () => {
    const { headers, text } = await csv({ serial: 'LSEM0001' })
    expect(headers).toMatchObject({
      'content-type': 'application/force-download',
      'content-disposition': 'attachment; filename=linotp-tokendata.csv',
      'x-content-type-options': 'nosniff',
    })
    const [names, token, ...rest] = text.split('\n')
    expect(names).toMatch(/^'LinOtp.TokenId'; 'LinOtp.TokenDesc'; .*'User.username'; $/)
    expect(token).toMatch(/^'1'; 'b desk'; 'LSEM0001'; 'email'; .*'True'; /)
    expect(rest).toEqual([''])
    expect((await csv({ serial: 'NOPE' })).text).toBe('')
  })

  test.each([
    ['=cmd|1', "'''=cmd|1'"],
    ["x'; '=cmd", "'x''; ''=cmd'"],
    ['a;=cmd', "'a;''=cmd'"],
    ['a, +cmd', "'a, ''+cmd'"],
    ['a\r\n=cmd', "'a =cmd'"],
  ])('holds no formula for a spreadsheet: %j', async (description, cell) => {
    await admin.post('/admin/set', { serial: 'LSEM0001', description })
    const { text } = await csv({ serial: 'LSEM0001' })
    expect(text.split('\n')).toHaveLength(3)
    expect(text.split('\n')[1]).toContain(`'1'; ${cell}; 'LSEM0001'`)
  })
})
