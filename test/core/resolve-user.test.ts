import { describe, expect, it } from 'vitest'
import {
  circuitBreaker,
  FAULTS_TO_OPEN,
  FIRST_OPEN_MS,
} from '../../functions/core/circuit-breaker.ts'
import {
  readResolveRequest,
  type ResolvePorts,
  resolveUser,
} from '../../functions/core/resolve-user.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import {
  SourceBusyError,
  SourceFault,
  UnanswerableError,
  type UserSource,
} from '../../functions/core/user-source.ts'

const LDAP = { type: 'ldap', uri: 'ldaps://x.example', base_dn: 'dc=x', bind_dn: 'cn=o' }
const ALICE = { login: 'alice', uid: '1', email: ['alice@example.org'] }

function createResolver(source: Partial<UserSource>) {
  let now = 0
  const lines: unknown[] = []
  const asked: string[] = []
  const { settings } = parseSettings(
    { 'resolvers/ad': JSON.stringify(LDAP), 'resolvers/here': '{"type": "passwdresolver"}' },
    { 'resolvers/ad.password': 1 },
  )
  const breaker = circuitBreaker({ clock: () => now })
  const ports: ResolvePorts = {
    settings: { current: async () => settings },
    async source(directory, password) {
      asked.push(`${directory.type} ${password}`)
      return source as UserSource
    },
    secret: async ({ secrets }, name) => (secrets.has(name) ? `secret of ${name}` : undefined),
    breaker: () => breaker,
    log: (...line) => void lines.push(line),
  }
  return {
    ask: (request: object) => resolveUser(ports, { resolver: 'ad', login: 'alice', ...request }),
    advance: (ms: number) => void (now += ms),
    lines,
    asked,
  }
}

describe('the function that asks directories', () => {
  it('tells a user, that there is none, a list, and whether a password is right', async () => {
    const { ask, asked } = createResolver({
      find: async (login) => (login === 'alice' ? ALICE : undefined),
      checkPassword: async (_, password) => password === 'right',
      list: async () => ({ users: [ALICE], more: false }),
    })
    expect(await ask({})).toEqual({ user: ALICE })
    expect(await ask({ login: 'nobody' })).toEqual({ user: null })
    expect(await ask({ password: 'right' })).toEqual({ right: true })
    expect(await ask({ password: '' })).toEqual({ right: false })
    expect(await ask({ prefix: 'a' })).toEqual({ page: { users: [ALICE], more: false } })
    expect(asked[0]).toBe('ldap secret of resolvers/ad.password')
  })

  it.each(['here', 'directory', 'nothing'])('asks nobody for the resolver %s', async (resolver) => {
    const { ask, asked } = createResolver({})
    expect(await ask({ resolver })).toEqual({ fault: expect.stringContaining('no such resolver') })
    expect(asked).toEqual([])
  })

  it('tells the words of a fault, and of a fault of its own none', async () => {
    let fault: Error = new SourceFault('The LDAP server failed: busy')
    const { ask } = createResolver({ find: () => Promise.reject(fault) })
    expect(await ask({})).toEqual({ fault: 'The LDAP server failed: busy' })
    fault = new TypeError('x is undefined')
    expect(await ask({})).toEqual({ fault: 'The resolver could not be asked.' })
  })

  it('leaves a resolver alone that fails again and again, and asks again later', async () => {
    let down = true
    const { ask, asked, advance } = createResolver({
      async find() {
        if (down) throw new SourceFault('down')
        return ALICE
      },
    })
    for (let tries = 0; tries < FAULTS_TO_OPEN; tries++) await ask({})
    expect(await ask({})).toEqual({ fault: expect.stringContaining('left alone') })
    expect(asked).toHaveLength(FAULTS_TO_OPEN)
    down = false
    advance(FIRST_OPEN_MS)
    expect(await ask({})).toEqual({ user: ALICE })
  })

  it('does not leave it alone for questions that have no answer', async () => {
    const { ask, asked } = createResolver({
      find: () => Promise.reject(new UnanswerableError('several users')),
    })
    for (let tries = 0; tries < 10; tries++) await ask({})
    expect(asked).toHaveLength(10)
  })

  it('nor where it has been asked too much: it says so, and each question is asked', async () => {
    const throttled = new SourceBusyError('Rate exceeded')
    let answer: () => Promise<typeof ALICE> = () => Promise.reject(throttled)
    const { ask, asked, advance, lines } = createResolver({ find: () => answer() })
    for (let tries = 0; tries < 10; tries++) {
      expect(await ask({})).toEqual({ fault: 'Rate exceeded', busy: true })
    }
    expect(asked).toHaveLength(10)
    expect(lines[0]).toMatchObject(['warn', 'resolver failed', { resolver: 'ad' }])
    answer = async () => ALICE
    expect(await ask({})).toEqual({ user: ALICE })

    // nor is one that was left alone left alone for longer
    answer = () => Promise.reject(new SourceFault('down'))
    for (let tries = 0; tries < FAULTS_TO_OPEN; tries++) await ask({})
    answer = () => Promise.reject(throttled)
    advance(FIRST_OPEN_MS)
    expect(await ask({})).toMatchObject({ busy: true })
    answer = async () => ALICE
    expect(await ask({})).toEqual({ user: ALICE })
  })

  it.each([
    undefined,
    null,
    'x',
    {},
    { resolver: 'ad' },
    { resolver: 1, login: 'a' },
    { resolver: 'ad', login: ['a'] },
    { resolver: 'ad', login: 'a', password: 1 },
  ])('takes %j for no question', (event) => expect(readResolveRequest(event)).toBeUndefined())
})
