import { describe, expect, it } from 'vitest'
import { readApiKey } from '../../../functions/core/api-key.ts'
import { signIn } from '../../../functions/core/sign-in.ts'
import { createOperator } from './operator.ts'

describe('admins', () => {
  it('can sign in once they were added, and no longer once they were removed', async () => {
    const { done, ports } = createOperator()
    expect(await done('admin.add', { name: 'carol', password: 'long enough' })).toEqual({
      name: 'carol',
      added: true,
    })
    expect(await signIn(ports, 'carol', 'long enough')).toBe(true)
    await done('admin.remove', { name: 'carol' })
    expect(await signIn(ports, 'carol', 'long enough')).toBe(false)
  })

  it('get a new password by being added again', async () => {
    const { done, ports } = createOperator()
    await done('admin.add', { name: 'carol', password: 'long enough' })
    const again = await done('admin.add', { name: 'carol', password: 'another one' })
    expect(again.added).toBe(false)
    expect(await signIn(ports, 'carol', 'another one')).toBe(true)
  })

  it('are listed by name without anything of their passwords', async () => {
    const { done } = createOperator()
    await done('admin.add', { name: 'dora', password: 'long enough' })
    await done('admin.add', { name: 'carol', password: 'long enough' })
    expect(await done('admin.list')).toEqual([
      { name: 'carol', created_at: '2026-11-21T12:00:00.000Z' },
      { name: 'dora', created_at: '2026-11-21T12:00:00.000Z' },
    ])
  })

  it.each([
    [{ password: 'long enough' }, 'name'],
    [{ name: 'a b', password: 'long enough' }, 'name'],
    [{ name: 'x'.repeat(65), password: 'long enough' }, 'name'],
    [{ name: 'carol' }, 'password'],
    [{ name: 'carol', password: '7 chars' }, 'password'],
    [{ name: 'carol', password: 12345678 }, 'password'],
  ])('are refused for %j because of %s', async (args, parameter) => {
    const error = await createOperator().refused('admin.add', args)
    expect(error).toMatchObject({ code: 'invalid_argument', parameter })
    expect(error.message).not.toContain('7 chars')
  })

  it('may have a short password on a laptop', async () => {
    const { done } = createOperator({ stage: 'local' })
    expect((await done('admin.add', { name: 'carol', password: 'x' })).added).toBe(true)
  })

  it('cannot be removed when there is none of that name', async () => {
    expect((await createOperator().refused('admin.remove', { name: 'eve' })).code).toBe('not_found')
  })
})

describe('apikey.create', () => {
  it.each(['-vpn', 'otpost:self-service', '*', '!vpn'])('refuses the name %j', async (name) => {
    const error = await createOperator().refused('apikey.create', { name, days: 1 })
    expect(error).toMatchObject({ code: 'invalid_argument', parameter: 'name' })
  })

  it('makes a key that lasts for days and waits to be listed', async () => {
    const { done, ports } = createOperator()
    const {
      name,
      id,
      key,
      expires_at: expiresAt,
    } = await done('apikey.create', { name: 'vpn', days: 30 })
    const { exp, jti } = JSON.parse(Buffer.from(key.split('.')[1], 'base64url').toString())
    expect({ name, jti, exp }).toEqual({ name: 'vpn', jti: id, exp: Date.parse(expiresAt) / 1000 })
    expect(expiresAt).toBe('2026-12-21T12:00:00.000Z')
    expect(await readApiKey(ports, key)).toBe('revoked')
  })

  it.each([0, 3651, 1.5, '30', undefined])('refuses %j days', async (days) => {
    const error = await createOperator().refused('apikey.create', { name: 'vpn', days })
    expect(error).toMatchObject({ code: 'invalid_argument', parameter: 'days' })
  })
})
