import { describe, expect, it } from 'vitest'
import { createOperator } from './operator.ts'

const SETTINGS = {
  'providers/office': '{"server": "mail.x.example", "sender": "a@x.example"}',
}
const to = 'me@x.example'

describe('provider.test', () => {
  it('has deliver send by a stored provider', async () => {
    const { done, testMails } = createOperator({ settings: SETTINGS })
    expect(await done('provider.test', { name: 'office', to })).toEqual({
      ...{ sent: true, reply: '250 ok' },
    })
    expect(testMails).toMatchObject([
      { identifier: 'office', to, provider: { kind: 'smtp', server: 'mail.x.example' } },
    ])
  })

  it('has deliver send by one that is described in either form', async () => {
    const { done, testMails } = createOperator()
    await done('provider.test', { name: 'new', to, config: { kind: 'ses' } })
    const config = { SMTP_SERVER: 'mail.x.example', SMTP_PASSWORD: 'p', SMTP_USER: 'u' }
    await done('provider.test', { name: 'old', to, config })
    expect(testMails).toMatchObject([
      { identifier: 'new', provider: { kind: 'ses' } },
      { identifier: 'old', provider: { username: 'u' }, password: 'p' },
    ])
  })

  it('tells how it ended', async () => {
    const testMail = { sent: false, failure: 'configuration', reply: '535 no' } as const
    const { done } = createOperator({ settings: SETTINGS, testMail })
    expect(await done('provider.test', { name: 'office', to })).toEqual(testMail)
  })

  it.each([
    [{ name: 'nope', to }, 'not_found', 'name'],
    [{ name: 'a/b', to }, 'invalid_argument', 'name'],
    [{ name: 'office', to: 'me' }, 'invalid_argument', 'to'],
    [{ name: 'x', to, config: { server: 'x', password: {} } }, 'invalid_argument', 'config'],
    [{ name: 'x', to, config: 'x' }, 'invalid_argument', 'config'],
  ])('refuses %j', async (args, code, parameter) => {
    const { refused } = createOperator({ settings: SETTINGS })
    expect(await refused('provider.test', args)).toMatchObject({ code, parameter })
  })
})
