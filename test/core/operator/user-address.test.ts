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

describe('an address that the operator changes is in the audit, as hash and mask', () => {
  const auditOf = async (command: string, args: object) => {
    await operator.done(command, args)
    return operator.world.lines.findLast(({ record }) => record === 'audit')!.addresses
  }
  const trace = (mask: string) => ({ hash: expect.stringMatching(/^[0-9a-f]{16}$/), mask })
  const [OLD_TRACE, NEW_TRACE] = [trace('al********@e****.org'), trace('al********@n****.example')]

  it.each([
    ['user.update', { user: 'alice', email: 'alice@new.example' }],
    ['user.address.set', { user: 'alice', address: 'alice@new.example' }],
  ])('by %s', async (command, args) => {
    expect(await auditOf(command, args)).toEqual({ old: OLD_TRACE, new: NEW_TRACE })
  })

  it('by one who restores it, who removes it, and who adds a user', async () => {
    await operator.done('user.address.set', { user: 'alice', address: 'alice@new.example' })
    expect(await auditOf('user.address.restore', { user: 'alice' })).toEqual({
      old: NEW_TRACE,
      new: OLD_TRACE,
    })
    expect(await auditOf('user.update', { user: 'alice', email: '' })).toEqual({ old: OLD_TRACE })
    expect(await auditOf('user.add', { user: 'al', email: 'alice@example.org' })).toEqual({
      new: OLD_TRACE,
    })
    const lines = JSON.stringify(operator.world.lines)
    expect(lines).not.toContain('alice@')
  })

  it('and no other change is', async () => {
    expect(await auditOf('user.update', { user: 'alice', surname: 'Smith' })).toBeUndefined()
    expect(await auditOf('user.show', { user: 'alice' })).toBeUndefined()
  })

  it('and is told to nobody else', async () => {
    const args = { user: 'alice', email: 'alice@new.example' }
    expect(await operator.run('user.update', args)).not.toHaveProperty('addresses')
  })
})
