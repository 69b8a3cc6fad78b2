import { beforeEach, describe, expect, it } from 'vitest'
import { createOperator } from './operator.ts'

let operator: ReturnType<typeof createOperator>
beforeEach(async () => {
  operator = createOperator()
  await operator.world.enrol(await operator.world.addUser('alice'))
})

const NEW = { user: 'alice', address: 'alice@new.example' }

describe("the operator's commands for an address", () => {
  it('show it, ask for another one, and forget that', async () => {
    expect(await operator.done('user.address.show', { user: 'alice' })).toEqual({
      user: 'alice',
      realm: 'demo',
      email: 'alice@example.org',
    })
    const asked = await operator.done('user.address.request', NEW)
    expect(asked.pending_address).toMatchObject({ address: 'al********@n****.example' })
    expect(operator.world.mails.map(({ to }) => to)).toEqual(['alice@new.example'])
    const forgotten = await operator.done('user.address.forget', { user: 'alice' })
    expect(forgotten.pending_address).toBeUndefined()
    expect(await operator.refused('user.address.forget', { user: 'alice' })).toMatchObject({
      code: 'conflict',
    })
  })

  it('take one as proven, and go back', async () => {
    const placed = await operator.done('user.address.set', NEW)
    expect(placed).toMatchObject({
      email: 'alice@new.example',
      email_verified: { method: 'admin' },
      former_address: { address: 'al********@e****.org' },
    })
    expect(await operator.done('user.show', { user: 'alice' })).toMatchObject({
      email_verified: { method: 'admin' },
    })
    const restored = await operator.done('user.address.restore', { user: 'alice' })
    expect(restored).toMatchObject({ email: 'alice@example.org' })
    expect(restored.email_verified).toBeUndefined()
    expect(await operator.refused('user.address.restore', { user: 'alice' })).toMatchObject({
      message: 'No address from before is known.',
    })
  })

  it('say what is wrong with one, and who is unknown', async () => {
    operator.world.domainVerdicts.set('x.example', 'no_mail')
    for (const command of ['user.address.set', 'user.address.request']) {
      const args = { user: 'alice', address: 'a@x.example' }
      expect(await operator.refused(command, args)).toMatchObject({
        code: 'invalid_argument',
        parameter: 'address',
      })
      expect(await operator.refused(command, { ...NEW, user: 'nobody' })).toMatchObject({
        code: 'not_found',
      })
    }
  })
})
