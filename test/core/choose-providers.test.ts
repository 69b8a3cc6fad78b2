import { describe, expect, it } from 'vitest'
import { chooseProviders } from '../../functions/core/choose-providers.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { authentication } from '../support/policies.ts'
import { ALICE } from './policy/policies.ts'

const choose = (
  raw: Record<string, string>,
  { identifier, ...person }: Partial<typeof ALICE> & { identifier?: string } = {},
) => chooseProviders(parseSettings(raw).settings, { ...ALICE, ...person }, { identifier })

const DEFAULT = { 'email.identifier': 'main, spare' }

describe('the providers of a login', () => {
  it.each([
    ['nothing is said', {}, {}, { names: [], because: 'flat' }],
    ['email.identifier names them', DEFAULT, {}, { names: ['main', 'spare'], because: 'default' }],
    [
      'a policy names some',
      { ...DEFAULT, ...authentication('email_provider=bank branch') },
      {},
      { names: ['bank', 'branch'], because: 'policy', policies: ['p'] },
    ],
    [
      'the token names one',
      { ...DEFAULT, ...authentication('email_provider=bank') },
      { identifier: 'own' },
      { names: ['own'], because: 'token' },
    ],
    [
      'the token names none',
      DEFAULT,
      { identifier: '' },
      { names: ['main', 'spare'], because: 'default' },
    ],
  ] as const)('where %s', (_, raw, person, choice) => {
    expect(choose(raw, person)).toEqual(choice)
  })

  it.each([
    ['user', { user: ['alice'] }, { login: 'bob' }],
    ['realm', { realm: ['realm1'] }, { realm: 'realm2' }],
    ['client', { client: ['10.0.0.0/8'] }, { client: '192.0.2.1' }],
    ['plug-in', { user_agents: ['privacyidea-cp'] }, { userAgent: 'curl/8' }],
  ] as const)('depend on the %s, if a policy does', (_, members, other) => {
    const raw = { ...DEFAULT, ...authentication('email_provider=bank', members) }
    expect(choose(raw)).toMatchObject({ names: ['bank'], because: 'policy' })
    expect(choose(raw, other)).toMatchObject({ names: ['main', 'spare'], because: 'default' })
  })

  it('are those of the policy with the better priority', () => {
    const raw = {
      ...authentication('email_provider=late', { priority: 2 }, 'p'),
      ...authentication('email_provider=early', { priority: 1 }, 'q'),
    }
    expect(choose(raw)).toMatchObject({ names: ['early'], policies: ['q'] })
  })

  it('are nobody where policies contradict each other', () => {
    const raw = {
      ...DEFAULT,
      ...authentication('email_provider=one', {}, 'p'),
      ...authentication('email_provider=two', {}, 'q'),
    }
    const conflict = { action: 'email_provider', values: ['one', 'two'], policies: ['p', 'q'] }
    expect(choose(raw)).toEqual({ names: [], because: 'policy', policies: ['p', 'q'], conflict })
  })
})
