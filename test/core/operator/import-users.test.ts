import { describe, expect, it } from 'vitest'
import { sessionEpochOf } from '../../../functions/core/session-epoch.ts'
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

  it('hands no session of a removed user to who is imported under the name', async () => {
    const { done, world } = createOperator()
    const epochs = new Set<number>()
    for (let times = 0; times < 3; times++) {
      await done('user.import', { rows: [row('alice'), row('bob')] })
      for (const user of ['alice', 'bob']) {
        epochs.add(sessionEpochOf(await world.account(user)))
        await done('user.remove', { user })
      }
    }
    expect(epochs.size).toBe(6)
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

  it.each([';', ',', ' '])(
    'refuses several addresses in one field, between %j',
    async (between) => {
      const email = ['a@example.org', 'b@example.org'].join(between)
      const { done, world } = createOperator()
      const { rows } = await done('user.import', { rows: [{ user: 'alice', email }] })
      expect(rows).toMatchObject([{ state: 'refused', user: 'alice', parameter: 'email' }])
      expect(await world.account('alice')).toBeUndefined()
    },
  )

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
    const first = await done('user.import', { rows, enrol: true, without_pin: true })
    expect(first.rows[0].serial).toMatch(/^EM[0-9A-F]{8}$/)
    const again = await done('user.import', { rows, enrol: true, without_pin: true })
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
    const result = await done('user.import', { rows, enrol: true, without_pin: true })
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

  it('makes a token without a PIN only where that is said', async () => {
    const { done } = createOperator()
    const rows = [row('alice'), row('bob', { pin: '4711' })]
    const { rows: results } = await done('user.import', { rows, enrol: true })
    expect(results).toMatchObject([
      { state: 'refused', user: 'alice', parameter: 'pin' },
      { state: 'added', user: 'bob', serial: expect.any(String) },
    ])
    expect(results[0].reason).toContain('--without-pin')
    expect((await done('user.list')).users).toHaveLength(1)
  })

  it('needs no PIN for somebody who has a token', async () => {
    const { done } = createOperator()
    await done('user.import', { rows: [row('alice', { pin: '4711' })], enrol: true })
    const { rows } = await done('user.import', { rows: [row('alice')], enrol: true })
    expect(rows).toEqual([{ state: 'unchanged', user: 'alice', realm: 'demo' }])
  })

  it('draws another serial where somebody has the first one', async () => {
    const { done, ports } = createOperator()
    await done('user.import', { rows: [row('alice')], enrol: true, without_pin: true })
    const taken = (await done('token.list')).tokens[0].serial as string
    const { random } = ports
    let drawn = 0
    ports.random = (bytes) =>
      bytes === 4 && drawn++ === 0 ? Buffer.from(taken.slice(2), 'hex') : random(bytes)
    const { rows } = await done('user.import', {
      rows: [row('bob')],
      enrol: true,
      without_pin: true,
    })
    expect(rows[0]).toMatchObject({ state: 'added', serial: expect.any(String) })
    expect(rows[0].serial).not.toBe(taken)
  })

  it('puts rows without a realm into the one of the import', async () => {
    const { done } = createOperator({ settings: { 'realms/staff': 'directory' } })
    const rows = [row('alice'), row('bob', { realm: 'demo' })]
    const result = await done('user.import', { rows, realm: 'staff' })
    expect(result.rows).toMatchObject([{ realm: 'staff' }, { realm: 'demo' }])
  })

  describe('of users who are there', () => {
    const known = async (more: object) => {
      const operator = createOperator()
      await operator.done('user.add', row('alice'))
      const rows = [row('alice', { surname: 'New' }), row('bob')]
      const result = await operator.done('user.import', { rows, ...more })
      return { result, alice: await operator.done('user.show', { user: 'alice' }) }
    }

    it('skips them', async () => {
      const { result, alice } = await known({ existing: 'skip', enrol: true, without_pin: true })
      expect(result.rows).toMatchObject([{ state: 'left' }, { state: 'added' }])
      expect(alice).toMatchObject({ tokens: [] })
      expect(alice.surname).toBeUndefined()
    })

    it('refuses them', async () => {
      const { result } = await known({ existing: 'refuse' })
      expect(result.rows).toMatchObject([
        { state: 'refused', parameter: 'user', reason: 'The realm demo has a user alice already.' },
        { state: 'added' },
      ])
    })

    it('knows no fourth way', async () => {
      const { refused } = createOperator()
      const error = await refused('user.import', { rows: [row('alice')], existing: 'merge' })
      expect(error).toMatchObject({ parameter: 'existing' })
      expect(error.message).toContain('one of update, skip, refuse')
    })
  })

  describe('whose answer was lost', () => {
    const rows = [row('alice'), row('bob', { surname: 'New' }), row('carol')]
    const args = { rows, import: 'one', enrol: true, without_pin: true }
    const operator = async () => {
      const made = createOperator()
      await made.done('user.add', row('bob'))
      await made.done('user.add', row('carol'))
      return made
    }

    it('tells the same again and doubles nothing', async () => {
      const { done } = await operator()
      const first = await done('user.import', args)
      expect(first.rows.map(({ state }: { state: string }) => state)).toEqual([
        'added',
        'updated',
        'unchanged',
      ])
      expect(await done('user.import', args)).toEqual(first)
      expect((await done('token.list')).tokens).toHaveLength(3)
    })

    it.each(['skip', 'refuse'])('does so with existing=%s', async (existing) => {
      const { done } = await operator()
      const first = await done('user.import', { ...args, existing })
      expect(first.rows[0].state).toBe('added')
      expect(await done('user.import', { ...args, existing })).toEqual(first)
    })

    it('makes one token each while it is still at work', async () => {
      const { done } = await operator()
      const both = await Promise.all([done('user.import', args), done('user.import', args)])
      expect((await done('token.list')).tokens).toHaveLength(3)
      const serials = both.map(({ rows }) => rows.map(({ serial }: { serial: string }) => serial))
      expect(serials[0]).toEqual(serials[1])
    })

    it('is another import under another name', async () => {
      const { done } = await operator()
      await done('user.import', args)
      const { rows } = await done('user.import', { ...args, import: 'two' })
      expect(rows.every(({ state }: { state: string }) => state === 'unchanged')).toBe(true)
    })
  })

  it('does nothing behind the first refused row when it is strict', async () => {
    const { done } = createOperator()
    const rows = [row('alice'), { user: 'eve', email: 'nonsense' }, row('bob')]
    const result = await done('user.import', { rows, strict: true })
    expect(result.rows).toMatchObject([
      { state: 'added' },
      { state: 'refused', parameter: 'email' },
      { state: 'pending' },
    ])
    expect((await done('user.list')).users).toHaveLength(1)
  })
})
