import { describe, expect, it } from 'vitest'
import { policy } from '../../support/policies.ts'
import { createOperator } from './operator.ts'

const SETTINGS = {
  ...policy('authentication', 'otppin=none', { time: 'Sat: 9-12' }, 'weekend'),
  ...policy('authentication', 'set_realm=other', { user: 'moved' }, 'moving'),
  'realms/other': 'directory',
}

describe('policy.explain', () => {
  const explained = (args: object) =>
    createOperator({ settings: SETTINGS }).done('policy.explain', args)

  it('looks at the moment that is asked for', async () => {
    const at = async (time: string) => (await explained({ user: 'alice', time })).first_factor
    expect(await at('2026-11-21T10:00:00Z')).toEqual({ value: 'none', policies: ['weekend'] })
    expect(await at('2026-11-23T10:00:00Z')).toEqual({ value: 'tokenpin', policies: [] })
  })

  it('takes the application that is named for one with its key', async () => {
    const settings = policy('authentication', 'otppin=userstore', { application: 'vpn' }, 'vpn')
    const operator = createOperator({ settings })
    const at = async (args: object) => {
      const { application, first_factor } = await operator.done('policy.explain', args)
      return [application, first_factor.value]
    }
    expect(await at({ application: 'vpn' })).toEqual(['vpn', 'userstore'])
    expect(await at({ application: 'portal' })).toEqual(['portal', 'tokenpin'])
    expect(await at({})).toEqual(['', 'tokenpin'])
  })

  it('looks for the user where a policy says', async () => {
    expect(await explained({ user: 'moved' })).toMatchObject({ user: 'moved', realm: 'other' })
  })

  it('knows the owner of a token', async () => {
    const operator = createOperator({ settings: SETTINGS })
    await operator.done('user.add', { user: 'alice', email: 'alice@example.org' })
    const { serial } = await operator.done('token.enrol', { user: 'alice' })
    expect(await operator.done('policy.explain', { serial })).toMatchObject({
      user: 'alice',
      known: true,
      providers: [{ serial }],
    })
    expect(await operator.refused('policy.explain', { serial: 'NONE' })).toMatchObject({
      code: 'not_found',
      parameter: 'serial',
    })
  })

  it('takes no user for somebody unknown', async () => {
    expect(await explained({})).toMatchObject({ user: null, realm: '', known: false })
  })

  it.each([
    [{ time: 'tomorrow' }, 'time'],
    [{ client: '10.0.0' }, 'client'],
    [{ scope: 'moon' }, 'scope'],
    [{ user: 'alice', realm: 'nowhere' }, 'realm'],
    [{ usr: 'alice' }, 'usr'],
  ])('refuses %j', async (args, parameter) => {
    const operator = createOperator({ settings: SETTINGS })
    expect(await operator.refused('policy.explain', args)).toMatchObject({
      code: 'invalid_argument',
      parameter,
    })
  })
})
