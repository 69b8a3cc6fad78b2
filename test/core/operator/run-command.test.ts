import { describe, expect, it } from 'vitest'
import { AccountBusyError } from '../../../functions/core/change-account.ts'
import { COMMANDS, runCommand } from '../../../functions/core/operator/run-command.ts'
import { createOperator } from './operator.ts'

describe('the operator', () => {
  it.each([undefined, null, 'doctor', 7, [], {}, { command: 'toString' }, { command: {} }])(
    'answers %j with unknown_command',
    async (event) => {
      const { ports } = createOperator()
      expect(await runCommand(ports, event)).toMatchObject({
        ok: false,
        error: { code: 'unknown_command', parameter: 'command' },
      })
    },
  )

  it.each(Object.keys(COMMANDS))(
    'refuses an argument %s does not have, by its name',
    async (name) => {
      const { refused } = createOperator({ stage: 'local' })
      expect(await refused(name, { colour: 'red' })).toMatchObject({
        code: 'invalid_argument',
        parameter: 'colour',
      })
    },
  )

  it.each([null, 'text', 3, ['a']])('takes %j for no arguments at all', async (args) => {
    const { refused } = createOperator()
    expect(await refused('user.show', args)).toEqual({
      code: 'invalid_argument',
      parameter: 'user',
      message: 'user is missing. Accepted: one line of at most 128 characters.',
    })
  })

  it('ensures the keys before it does anything', async () => {
    const operator = createOperator()
    await operator.done('admin.list')
    expect(operator.keyrings()).toBe(1)
  })

  it('answers unavailable when something it depends on fails, and logs no argument', async () => {
    const operator = createOperator()
    operator.ports.admins.get = async () => {
      throw new Error('the table is gone')
    }
    const args = { name: 'carol', password: 'correct horse' }
    expect(await operator.refused('admin.add', args)).toEqual({
      code: 'unavailable',
      message: 'The command failed (Error); its log says more.',
    })
    expect(operator.world.lines).toEqual([
      {
        level: 'error',
        message: 'command failed',
        command: 'admin.add',
        error: new Error('the table is gone'),
      },
      expect.objectContaining({ record: 'audit', reason: 'unavailable' }),
    ])
  })

  it('asks to try again when others keep changing an account', async () => {
    const operator = createOperator()
    operator.ports.accounts.create = async () => {
      throw new AccountBusyError('64 writers came first.')
    }
    const { code, message } = await operator.refused('user.add', { user: 'alice' })
    expect(code).toBe('unavailable')
    expect(message).toContain('try again')
  })
})
