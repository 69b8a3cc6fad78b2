import { describe, expect, it } from 'vitest'
import { createOperator } from './operator.ts'

const alice = { user: 'alice', email: 'alice@example.org', givenname: 'Alice' }

describe('users', () => {
  it('are added to the default realm and shown with what is known of them', async () => {
    const { done } = createOperator()
    await done('user.add', alice)
    expect(await done('user.show', { user: 'alice' })).toEqual({
      user: 'alice',
      realm: 'demo',
      email: 'alice@example.org',
      givenname: 'Alice',
      surname: undefined,
      phone: undefined,
      mobile: undefined,
      has_password: false,
      wrong_answers_today: 0,
      wrong_answers_in_a_row: 0,
      locked: false,
      tokens: [],
    })
  })

  it('are added once', async () => {
    const { done, refused } = createOperator()
    await done('user.add', alice)
    expect(await refused('user.add', alice)).toMatchObject({ code: 'conflict', parameter: 'user' })
  })

  it('of a declared realm may be named name@realm', async () => {
    const { done } = createOperator({ settings: { 'realms/staff': 'directory' } })
    expect(await done('user.add', { user: 'bob@staff' })).toMatchObject({
      user: 'bob',
      realm: 'staff',
    })
  })

  it.each(['user.add', 'user.update', 'user.show', 'user.remove'])(
    'of an undeclared realm are refused by %s with the way to declare it',
    async (command) => {
      const error = await createOperator().refused(command, { user: 'bob', realm: 'staff' })
      expect(error).toMatchObject({ code: 'invalid_argument', parameter: 'realm' })
      expect(error.message).toContain('otpost config set realms/staff directory')
    },
  )

  it.each([
    [{ user: '' }, 'user'],
    [{ user: ' bob' }, 'user'],
    [{ user: 'b\nob' }, 'user'],
    [{ user: 'bob', email: 'bob@a.example, eve@b.example' }, 'email'],
    [{ user: 'bob', email: 'Bob <bob@example.org>' }, 'email'],
    [{ user: 'bob', surname: 'x'.repeat(201) }, 'surname'],
    [{ user: 'bob', realm: 'no/slash' }, 'realm'],
    [{ user: 'bob', password: 'short' }, 'password'],
  ])('are refused for %j because of %s', async (args, parameter) => {
    const error = await createOperator().refused('user.add', args)
    expect(error).toMatchObject({ code: 'invalid_argument', parameter })
  })

  it('keep what an update does not name and lose what it empties', async () => {
    const { done } = createOperator()
    await done('user.add', { ...alice, phone: '123' })
    await done('user.update', { user: 'alice', surname: 'Smith', phone: '' })
    expect(await done('user.show', { user: 'alice' })).toMatchObject({
      givenname: 'Alice',
      surname: 'Smith',
      phone: undefined,
    })
  })

  it('may have a password, of which nothing is shown', async () => {
    const { done } = createOperator()
    await done('user.add', { ...alice, password: 'long enough' })
    const shown = await done('user.show', { user: 'alice' })
    expect(shown.has_password).toBe(true)
    expect(JSON.stringify(shown)).not.toMatch(/salt|mac"/)
  })

  it.each(['user.show', 'user.update', 'user.remove'])(
    'that do not exist are not found by %s',
    async (command) => {
      const error = await createOperator().refused(command, { user: 'eve' })
      expect(error).toMatchObject({ code: 'not_found', parameter: 'user' })
    },
  )

  it('are gone with their tokens once removed', async () => {
    const { done, refused } = createOperator()
    await done('user.add', alice)
    const { serial } = await done('token.enrol', { user: 'alice' })
    await done('user.remove', { user: 'alice' })
    expect((await refused('user.show', { user: 'alice' })).code).toBe('not_found')
    expect((await refused('token.list', { serial })).code).toBe('not_found')
  })

  it('show how many wrong answers they gave', async () => {
    const { done, ports } = createOperator()
    await done('user.add', alice)
    await ports.accounts.charge('account/demo/alice', {
      at: ports.now(),
      evaluated: 3,
      serials: [],
    })
    expect(await done('user.show', { user: 'alice' })).toMatchObject({
      wrong_answers_today: 3,
      wrong_answers_in_a_row: 3,
    })
  })
})

describe('user.list', () => {
  async function withUsers() {
    const operator = createOperator({ settings: { 'realms/staff': 'directory' } })
    for (const user of ['a', 'b', 'c']) await operator.done('user.add', { user })
    for (const user of ['d', 'e']) await operator.done('user.add', { user, realm: 'staff' })
    return operator
  }
  const names = ({ users }: { users: { user: string }[] }) => users.map(({ user }) => user)

  it('gives every user once, page by page', async () => {
    const { done } = await withUsers()
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await done('user.list', { limit: 2, after })
      expect(page.users.length).toBeLessThanOrEqual(2)
      seen.push(...names(page))
      after = page.next
    } while (after !== undefined)
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('names no next page when the last one is just full', async () => {
    const { done } = await withUsers()
    expect((await done('user.list', { limit: 5 })).next).toBeUndefined()
  })

  it('gives those of one realm', async () => {
    const { done } = await withUsers()
    expect(names(await done('user.list', { realm: 'staff' }))).toEqual(['d', 'e'])
  })

  it('leaves out tokens that belong to nobody', async () => {
    const { done, ports } = await withUsers()
    await ports.accounts.create({
      ...(await ports.accounts.get('account/demo/a'))!,
      key: 'account//EM1',
      login: undefined,
    })
    expect(names(await done('user.list'))).toHaveLength(5)
  })

  it.each([0, 201, '5'])('refuses a limit of %j', async (limit) => {
    expect((await createOperator().refused('user.list', { limit })).parameter).toBe('limit')
  })
})
