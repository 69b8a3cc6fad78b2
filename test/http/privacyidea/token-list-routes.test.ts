import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type AdminWorld, createAdminWorld, errorOf, valueOf } from './admin-world.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let world: AdminWorld
beforeEach(async () => {
  world = await createAdminWorld()
  await world.init({
    user: 'alice',
    email: 'alice@fixed.example',
    serial: 'PIEMA1',
    description: 'at home',
  })
  await world.init({ user: 'alice', dynamic_email: '1', serial: 'PIEMA2' })
  await world.init({ user: 'bob', dynamic_email: '1', serial: 'PIEMB1' })
  await world.init({ email: 'free@x.example', serial: 'PIEMX' })
})
const list = async (query = '') => valueOf(await world.call('GET', '/token/', { query }))
const serials = async (query = '') =>
  (await list(query)).tokens.map(({ serial }: { serial: string }) => serial)

describe('a name longer than any', () => {
  it.each([
    ['GET', '/token/', 'serial', { query: `serial=${'x'.repeat(45)}` }],
    ['GET', '/token/', 'user', { query: `user=${'x'.repeat(256)}` }],
    ['POST', `/token/enable/${'x'.repeat(45)}`, 'serial', {}],
    ['DELETE', `/user/deflocal/${'x'.repeat(256)}`, 'user', {}],
  ])('is refused by %s %.30s: %s', async (method, path, name, options) => {
    const refused = errorOf(await world.call(method, path, options))
    expect(refused).toMatchObject({ status: 400, code: 905 })
    expect(refused.message).toContain(`${name} has `)
  })
})

describe('GET /token/', () => {
  it('shows all that is known of a token and nothing secret', async () => {
    const { tokens } = await list('serial=PIEMA1')
    const now = '2026-11-21T12:00:00+00:00'
    expect(tokens).toEqual([
      {
        active: true,
        container_serial: '',
        count: 0,
        count_window: 10,
        description: 'at home',
        failcount: 0,
        id: 1,
        info: {
          assignment_date: now,
          creation_date: now,
          email: 'alice@fixed.example',
          hashlib: 'sha1',
          tokenkind: 'software',
        },
        locked: false,
        maxfail: 10,
        otplen: 6,
        realms: ['realm1'],
        resolver: 'directory',
        revoked: false,
        rollout_state: 'enrolled',
        serial: 'PIEMA1',
        sync_window: 1000,
        tokengroup: [],
        tokentype: 'email',
        user_editable: false,
        user_id: 'alice',
        user_realm: 'realm1',
        username: 'alice',
      },
    ])
  })

  it('shows a token that belongs to nobody without an owner', async () => {
    const [token] = (await list('assigned=False')).tokens
    expect(token).toMatchObject({ serial: 'PIEMX', realms: [], resolver: '', username: '' })
    expect(token).not.toHaveProperty('user_editable')
    expect(token.info).not.toHaveProperty('assignment_date')
  })

  it.each([
    ['', ['PIEMA1', 'PIEMA2', 'PIEMB1', 'PIEMX']],
    ['serial=PIEMA*', ['PIEMA1', 'PIEMA2']],
    ['serial=NOPE', []],
    ['user=alice&realm=realm1', ['PIEMA1', 'PIEMA2']],
    ['user=alice@realm1', ['PIEMA1', 'PIEMA2']],
    ['type=email', ['PIEMA1', 'PIEMA2', 'PIEMB1', 'PIEMX']],
    ['tokentype=spass', []],
    ['assigned=True', ['PIEMA1', 'PIEMA2', 'PIEMB1']],
    ['active=false', []],
    ['realm=realm*', ['PIEMA1', 'PIEMA2', 'PIEMB1']],
    ['resolver=directory', ['PIEMA1', 'PIEMA2', 'PIEMB1']],
    ['description=*home', ['PIEMA1']],
    ['infokey=email&infovalue=free@*', ['PIEMX']],
    ['sortby=username&sortdir=desc', ['PIEMB1', 'PIEMA1', 'PIEMA2', 'PIEMX']],
    ['sortby=nonsense', ['PIEMA1', 'PIEMA2', 'PIEMB1', 'PIEMX']],
  ])('%s: %j', async (query, expected) => {
    expect(await serials(query)).toEqual(expected)
  })

  it('comes in pages', async () => {
    const { count, next, prev, tokens } = await list('pagesize=2&page=2&sortby=serial&sortdir=asc')
    expect({ count, next, prev }).toEqual({ count: 4, next: null, prev: 1 })
    expect(tokens.map(({ id, serial }: any) => [id, serial])).toEqual([
      [3, 'PIEMB1'],
      [4, 'PIEMX'],
    ])
    expect(await list('pagesize=2')).toMatchObject({ count: 4, next: 2, prev: null })
  })

  it('refuses a user nobody knows', async () => {
    expect(errorOf(await world.call('GET', '/token/', { query: 'user=nobody' }))).toEqual({
      status: 400,
      code: 904,
      message: 'ERR904: The user can not be found in any resolver in this realm!',
    })
  })

  it('comes as CSV in the way of the reference', async () => {
    const { status, headers, text } = await world.call('GET', '/token/', {
      query: 'outform=csv&serial=PIEMA1',
    })
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8')
    const [head, row, ...rest] = text.split('\n')
    expect(head).toMatch(
      /^'id', 'description', 'serial', .*, 'user_editable', 'container_serial', $/,
    )
    expect(row).toMatch(/^'1', 'at home', 'PIEMA1', 'email', '\{'assignment_date': '2026/)
    expect(row).toMatch(
      /'True', 'False', 'False', .*'\['realm1'\]', '\[\]', 'alice', 'realm1', 'False', '', $/,
    )
    expect(rest).toEqual([''])
  })

  it.each([
    ['=cmd|1', "'''=cmd|1', 'PIEMA1'"],
    ["x', '=cmd", "'x'', ''=cmd', 'PIEMA1'"],
    ['a,=cmd', "'a,''=cmd', 'PIEMA1'"],
    ['a\r\n=cmd', "'a =cmd', 'PIEMA1'"],
  ])('holds no formula of a user for a spreadsheet: %j', async (description, cells) => {
    const alice = world.callAs(await world.sessionOf('alice', 'alicepw'))
    await alice('POST', '/token/description/PIEMA1', { form: { description } })
    const { text } = await world.call('GET', '/token/', { query: 'outform=csv&serial=PIEMA1' })
    expect(text.split('\n')).toHaveLength(3)
    expect(text.split('\n')[1]).toContain(`'1', ${cells}`)
  })

  it('shows users their own tokens only', async () => {
    const bob = world.callAs(await world.sessionOf('bob', 'bobpw'))
    const own = valueOf(await bob('GET', '/token/', { query: 'user=alice' }))
    expect(own.tokens.map(({ serial }: any) => serial)).toEqual(['PIEMB1'])
    const others = valueOf(await bob('GET', '/token/', { query: 'serial=PIEMA1' }))
    expect(others).toEqual({ count: 0, next: null, prev: null, tokens: [] })
  })

  it('shows administrators the tokens of those they may see', async () => {
    await world.configure({
      'policies/helpdesk': JSON.stringify({ scope: 'admin', action: 'tokenlist', user: 'bob' }),
    })
    expect(await serials()).toEqual(['PIEMB1'])
    await world.configure({
      'policies/helpdesk': JSON.stringify({ scope: 'admin', action: 'disable' }),
    })
    expect(errorOf(await world.call('GET', '/token/'))).toEqual({
      status: 403,
      code: 303,
      message: 'Admin actions are defined, but the action tokenlist is not allowed!',
    })
  })
})
