import { describe, expect, it } from 'vitest'
import { signIn } from '../../../functions/core/sign-in.ts'
import { createOperator } from './operator.ts'

describe('seed', () => {
  it('makes a demo somebody can log in to', async () => {
    const { done, ports, world } = createOperator({ stage: 'local' })
    await done('seed')
    const { otp, transactionId } = await world.triggered('alice')
    expect(world.mails.at(-1)!.to).toBe('alice@example.org')
    expect((await world.check({ user: 'alice', transactionId, pass: otp })).outcome).toBe(
      'accepted',
    )
    expect(await signIn(ports, 'admin', 'admin')).toBe(true)
    expect(await done('user.show', { user: 'bob', realm: 'demo' })).toMatchObject({ tokens: [] })
    expect((await done('token.list')).tokens.map((one: any) => one.serial)).toEqual(['EM00000001'])
  })

  it('leaves alone what is there already', async () => {
    const { done, ports } = createOperator({ stage: 'local' })
    await done('seed')
    await done('admin.add', { name: 'admin', password: 'changed' })
    await done('token.setpin', { serial: 'EM00000001', pin: '9999' })
    const before = await ports.accounts.get('account/demo/alice')
    await done('seed')
    expect(await ports.accounts.get('account/demo/alice')).toEqual(before)
    expect(await signIn(ports, 'admin', 'changed')).toBe(true)
  })

  it('is refused where the service is deployed', async () => {
    const { refused, done } = createOperator({ stage: 'prod' })
    expect((await refused('seed')).code).toBe('conflict')
    expect((await done('user.list')).users).toEqual([])
  })
})
