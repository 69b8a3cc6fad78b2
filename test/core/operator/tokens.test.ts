import { describe, expect, it } from 'vitest'
import { createOperator } from './operator.ts'

async function withAlice(settings: Record<string, string> = {}) {
  const operator = createOperator({ settings })
  await operator.done('user.add', { user: 'alice', email: 'alice@example.org' })
  return operator
}

describe('token.enrol', () => {
  it("registers a token that mails to the user's address of the day", async () => {
    const { done, world } = await withAlice()
    const token = await done('token.enrol', { user: 'alice', pin: '4711' })
    expect(token).toMatchObject({ dynamic: true, has_pin: true, digits: 6, state: 'ready' })
    await done('user.update', { user: 'alice', email: 'new@example.org' })
    await world.check({ user: 'alice', pass: '4711' })
    expect(world.mails.at(-1)!.to).toBe('new@example.org')
  })

  it('takes address, serial, digits and description', async () => {
    const { done } = await withAlice()
    const email = 'alice@home.example'
    const wanted = { serial: 'ALICE-1', email, digits: 8, description: 'at home' }
    expect(await done('token.enrol', { user: 'alice', ...wanted })).toMatchObject({
      ...wanted,
      dynamic: false,
      created_at: '2026-11-21T12:00:00.000Z',
    })
  })

  it('shows nothing of secret and PIN', async () => {
    const { done } = await withAlice()
    const shown = JSON.stringify(await done('token.enrol', { user: 'alice', pin: '4711' }))
    expect(shown).not.toMatch(/secret|salt|4711/)
  })

  it.each([
    [{ user: 'eve' }, 'not_found', 'user'],
    [{ user: 'alice', email: 'a@b@c' }, 'invalid_argument', 'email'],
    [{ user: 'alice', email: 'a@b.example', dynamic: true }, 'invalid_argument', 'dynamic'],
    [{ user: 'alice', digits: 3 }, 'invalid_argument', 'digits'],
    [{ user: 'alice', serial: 'a b' }, 'invalid_argument', 'serial'],
    [{ user: 'bob' }, 'invalid_argument', 'email'],
    [{ user: 'bob', serial: 'TAKEN', email: 'b@b.example' }, 'conflict', 'serial'],
  ])('refuses %j as %s of %s', async (args, code, parameter) => {
    const { done, refused } = await withAlice()
    await done('user.add', { user: 'bob' })
    await done('token.enrol', { user: 'alice', serial: 'TAKEN' })
    expect(await refused('token.enrol', args)).toMatchObject({ code, parameter })
  })
})

describe('a token', () => {
  async function withToken() {
    const operator = await withAlice()
    await operator.done('token.enrol', { user: 'alice', serial: 'EM1', pin: '1234' })
    return operator
  }
  const outcome = async ({ world }: Awaited<ReturnType<typeof withToken>>, pass = '1234') =>
    (await world.check({ user: 'alice', pass })).outcome

  it('is of no use while disabled', async () => {
    const operator = await withToken()
    expect(await operator.done('token.disable', { serial: 'EM1' })).toMatchObject({
      state: 'disabled',
      changed: true,
    })
    expect(await outcome(operator)).not.toBe('challenged')
    await operator.done('token.enable', { serial: 'EM1' })
    expect(await outcome(operator)).toBe('challenged')
  })

  it('says when there was nothing to change', async () => {
    const operator = await withToken()
    expect(await operator.done('token.enable', { serial: 'EM1' })).toMatchObject({ changed: false })
  })

  it('stays revoked', async () => {
    const operator = await withToken()
    expect((await operator.done('token.revoke', { serial: 'EM1' })).state).toBe('revoked')
    expect((await operator.refused('token.enable', { serial: 'EM1' })).code).toBe('conflict')
  })

  it('is no longer locked after a reset', async () => {
    const operator = await withToken()
    await operator.ports.accounts.charge('account/demo/alice', {
      at: operator.ports.now(),
      evaluated: 0,
      serials: Array<string>(1).fill('EM1'),
    })
    expect((await operator.done('token.list', { serial: 'EM1' })).tokens[0].failcount).toBe(1)
    expect((await operator.done('token.reset', { serial: 'EM1' })).failcount).toBe(0)
  })

  it('has the PIN it was given last, or none', async () => {
    const operator = await withToken()
    await operator.done('token.setpin', { serial: 'EM1', pin: '9876' })
    expect(await outcome(operator, '9876')).toBe('challenged')
    expect(await operator.done('token.setpin', { serial: 'EM1', pin: '' })).toMatchObject({
      has_pin: false,
    })
  })

  it('is gone once deleted', async () => {
    const operator = await withToken()
    await operator.done('token.delete', { serial: 'EM1' })
    expect((await operator.refused('token.list', { serial: 'EM1' })).code).toBe('not_found')
  })

  it.each(['enable', 'disable', 'reset', 'revoke', 'delete'])(
    'that does not exist is not found by token.%s',
    async (verb) => {
      const operator = await withToken()
      expect(await operator.refused(`token.${verb}`, { serial: 'EM2' })).toMatchObject({
        code: 'not_found',
        parameter: 'serial',
      })
    },
  )
})

describe('token.list', () => {
  async function withTokens() {
    const operator = await withAlice({ 'realms/staff': 'directory' })
    await operator.done('user.add', { user: 'bob', realm: 'staff', email: 'b@example.org' })
    for (const serial of ['A1', 'A2']) await operator.done('token.enrol', { user: 'alice', serial })
    await operator.done('token.enrol', { user: 'bob', realm: 'staff', serial: 'B1' })
    return async (args: object) => {
      const { tokens, next } = await operator.done('token.list', args)
      return { serials: tokens.map(({ serial }: { serial: string }) => serial), next }
    }
  }

  it.each([
    [{}, ['A1', 'A2', 'B1']],
    [{ user: 'alice' }, ['A1', 'A2']],
    [{ user: 'bob@staff' }, ['B1']],
    [{ realm: 'staff' }, ['B1']],
    [{ serial: 'A2' }, ['A2']],
  ])('of %j gives %j', async (args, serials) => {
    const list = await withTokens()
    expect((await list(args)).serials).toEqual(serials)
  })

  it('goes on behind the page before', async () => {
    const list = await withTokens()
    const first = await list({ limit: 1 })
    expect(first.serials).toEqual(['A1', 'A2'])
    expect(await list({ limit: 1, after: first.next })).toEqual({
      serials: ['B1'],
      next: undefined,
    })
  })
})
