import { describe, expect, it } from 'vitest'
import { createOperator } from './operator.ts'

const row = (user: string, more: object = {}) => ({ user, email: `${user}@example.org`, ...more })

describe('user.import', () => {
  it('adds users, and changes nothing when they come again', async () => {
    const { done } = createOperator()
    const rows = [row('alice'), row('bob')]
    const first = await done('user.import', { rows })
    expect(first.rows).toEqual([
      { state: 'added', user: 'alice', realm: 'demo' },
      { state: 'added', user: 'bob', realm: 'demo' },
    ])
    const again = await done('user.import', { rows })
    expect(again.rows.map(({ state }: { state: string }) => state)).toEqual([
      'unchanged',
      'unchanged',
    ])
  })

  it('takes the language of a person, whatever its column is called', async () => {
    const { done, world } = createOperator()
    const rows = [
      { user: 'a', locale: 'de' },
      { user: 'b', language: 'zh-CN' },
      { user: 'c', language: 'deutsch, bitte' },
    ]
    const result = await done('user.import', { rows })
    expect(result.rows[2]).toMatchObject({ state: 'refused', parameter: 'language' })
    expect((await world.account('a')).locale).toBe('de')
    expect((await world.account('b')).locale).toBe('zh-CN')
  })

  it('updates what a row names and keeps the rest', async () => {
    const { done } = createOperator()
    await done('user.add', row('alice', { surname: 'Smith' }))
    const { rows } = await done('user.import', { rows: [{ user: 'alice', givenname: 'Alice' }] })
    expect(rows[0].state).toBe('updated')
    expect(await done('user.show', { user: 'alice' })).toMatchObject({
      surname: 'Smith',
      givenname: 'Alice',
      email: 'alice@example.org',
    })
  })

  it('names a bad row with its reason, skips it and goes on', async () => {
    const { done } = createOperator({ settings: { 'realms/staff': 'directory' } })
    const bad = [
      { user: 'eve', email: 'nonsense' },
      { email: 'x@example.org' },
      { user: 'eve', realm: 'nowhere' },
      { user: 'eve', colour: 'red' },
      { user: 'eve', pin: '1234' },
      'text',
      null,
    ]
    const { rows } = await done('user.import', { rows: [...bad, row('bob', { realm: 'staff' })] })
    expect(rows.map(({ parameter }: { parameter?: string }) => parameter)).toEqual([
      'email',
      'user',
      'realm',
      'colour',
      'pin',
      'user',
      'user',
      undefined,
    ])
    expect(rows[0].reason).toContain('email is not one e-mail address')
    expect(rows.at(-1)).toMatchObject({ state: 'added', realm: 'staff' })
    expect((await done('user.list')).users).toHaveLength(1)
  })

  it('enrols one token for each who has none, with the PIN of the row', async () => {
    const { done, world } = createOperator()
    const rows = [row('alice', { pin: '4711' }), row('bob')]
    const first = await done('user.import', { rows, enrol: true })
    expect(first.rows[0].serial).toMatch(/^EM[0-9A-F]{8}$/)
    const again = await done('user.import', { rows, enrol: true })
    expect(again.rows[0]).toEqual({ state: 'unchanged', user: 'alice', realm: 'demo' })
    expect((await done('token.list')).tokens).toHaveLength(2)
    expect((await world.check({ user: 'alice', pass: '4711' })).outcome).toBe('challenged')
    expect(world.mails.at(-1)!.to).toBe('alice@example.org')
  })

  it('enrols nobody without an address', async () => {
    const { done } = createOperator()
    const { rows } = await done('user.import', { rows: [{ user: 'alice' }], enrol: true })
    expect(rows[0]).toMatchObject({ state: 'refused', parameter: 'email' })
    expect((await done('user.list')).users).toEqual([])
  })

  it('takes two rows of one user in their order and enrols once', async () => {
    const { done } = createOperator()
    const rows = [row('alice', { surname: 'Old' }), row('bob'), row('alice', { surname: 'New' })]
    const result = await done('user.import', { rows, enrol: true })
    expect(result.rows.map(({ state }: { state: string }) => state)).toEqual([
      'added',
      'added',
      'updated',
    ])
    expect(await done('user.show', { user: 'alice' })).toMatchObject({
      surname: 'New',
      tokens: [expect.anything()],
    })
  })

  it('takes 200 rows and not one more', async () => {
    const { done, refused } = createOperator()
    const rows = Array.from({ length: 200 }, (_, index) => row(`user${index}`))
    const result = await done('user.import', { rows })
    expect(result.rows.map(({ user }: { user: string }) => user)).toEqual(
      rows.map(({ user }) => user),
    )
    expect(await refused('user.import', { rows: [...rows, row('one')] })).toMatchObject({
      code: 'invalid_argument',
      parameter: 'rows',
    })
  })
})
