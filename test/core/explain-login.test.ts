import { describe, expect, it } from 'vitest'
import { newAccount } from '../../functions/core/account.ts'
import { explainLogin } from '../../functions/core/explain-login.ts'
import { parseSettings } from '../../functions/core/settings.ts'
import { policy as stored } from '../support/policies.ts'
import { FRIDAY } from './policy/policies.ts'

const ALICE = { ...newAccount('account/corp/alice', 'corp', 'alice'), email: 'alice@example.org' }
const CALLER = { clientIp: '10.1.2.3', userAgent: 'keycloak/1' }
const BASE = {
  'realm.default': 'corp',
  'email.mailfrom': 'otp@example.org',
  'providers/backup': '{"server": "smtp.example.org", "port": 587, "tls": "starttls"}',
}

function explained(raw: Record<string, string>, scope?: 'authentication' | 'user') {
  const { settings, problems } = parseSettings({ ...BASE, ...raw })
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return explainLogin(settings, { account: ALICE }, CALLER, FRIDAY, scope)
}

describe('the explanation of a login', () => {
  it('without policies names what the settings say', () => {
    expect(explained({ 'email.text': 'Code {otp}' })).toMatchObject({
      who: { login: 'alice', realm: 'corp', resolver: 'directory', known: true },
      policies: [],
      actions: {},
      conflicts: [],
      authorized: { value: 'grant_access' },
      firstFactor: { value: 'tokenpin', policies: [] },
      providers: [{ names: [], because: 'flat' }],
      text: { from: 'email.text', policies: [] },
      subject: { from: "Otpost's own words", policies: [] },
      limits: { validity_seconds: 120, mails_per_hour: 5 },
    })
  })

  it('X26 shows who gets a token by password, and of what people are told', () => {
    const { actions } = explained({
      ...stored('enrollment', 'autoenrollment=email', {}, 'auto'),
      ...stored('notification', 'setPin=email::backup, enrollment=email', {}, 'tell'),
    })
    expect(actions).toEqual({
      enrollment: [{ action: 'autoenrollment', value: 'email', policies: ['auto'] }],
      notification: [
        { action: 'enrollment', value: 'email', policies: ['tell'] },
        { action: 'setPin', value: 'email::backup', policies: ['tell'] },
      ],
    })
  })

  it('names the policies that decide', () => {
    const login = explained({
      ...stored('authentication', 'otppin=none, email_provider=backup gone', {}, 'a'),
      ...stored('authentication', 'emailtext={otp}, emailsubject=Hi', { user: 'al*' }, 'b'),
      ...stored('authentication', 'otppin=userstore', { user: 'bob' }, 'c'),
      ...stored('authorization', 'authorized=deny_access, no_such_action', {}, 'd'),
      ...stored('user', 'edit_email=0', { user: 'directory:' }, 'e'),
    })
    expect(login).toMatchObject({
      authorized: { value: 'deny_access', policies: ['d'] },
      firstFactor: { value: 'none', policies: ['a'] },
      providers: [
        { names: ['backup', 'gone'], because: 'policy', policies: ['a'], missing: ['gone'] },
      ],
      text: { from: 'a policy', policies: ['b'] },
      subject: { from: 'a policy', policies: ['b'] },
    })
    expect(login.policies.filter(({ applies }) => !applies)).toEqual([
      { name: 'c', applies: false, member: 'user', reason: 'user "alice" is not in bob.' },
    ])
    expect(login.actions).toEqual({
      authentication: [
        { action: 'email_provider', value: 'backup gone', policies: ['a'] },
        { action: 'emailsubject', value: 'Hi', policies: ['b'] },
        { action: 'emailtext', value: '{otp}', policies: ['b'] },
        { action: 'otppin', value: 'none', policies: ['a'] },
      ],
      authorization: [
        { action: 'authorized', value: 'deny_access', policies: ['d'] },
        { action: 'no_such_action', value: true, policies: ['d'], withoutEffect: true },
      ],
      user: [{ action: 'edit_email', value: '0', policies: ['e'] }],
    })
  })

  it('names contradictions', () => {
    const login = explained({
      ...stored('authentication', 'otppin=none, emailtext=a {otp}', {}, 'a'),
      ...stored('authentication', 'otppin=userstore, emailtext=b {otp}', {}, 'b'),
    })
    expect(login.conflicts).toMatchObject([{ action: 'otppin', policies: ['a', 'b'] }])
    expect(login.text).toMatchObject({
      from: 'nobody: no mail goes out',
      conflict: { action: 'emailtext' },
    })
    expect(login.actions.authentication).toMatchObject([
      { action: 'emailtext', conflict: {} },
      { action: 'otppin', conflict: { values: ['none', 'userstore'] } },
    ])
  })

  it('looks at one scope where that is asked', () => {
    const login = explained(
      {
        ...stored('authentication', 'otppin=none', {}, 'a'),
        ...stored('user', 'delete', {}, 'b'),
      },
      'user',
    )
    expect(login.policies).toMatchObject([
      { name: 'a', applies: false, member: 'scope' },
      { name: 'b', applies: true },
    ])
    expect(Object.keys(login.actions)).toEqual(['user'])
  })

  it('adds up the values of actions that are lists', () => {
    const login = explained({
      ...stored('authorization', 'tokentype=email', {}, 'a'),
      ...stored('authorization', 'tokentype=spass', {}, 'b'),
    })
    expect(login.actions.authorization).toEqual([
      { action: 'tokentype', value: 'email spass', policies: ['a', 'b'] },
    ])
  })

  it('of a name nobody has says so', () => {
    const { settings } = parseSettings({ ...BASE, ...stored('authentication', 'otppin=none', {}) })
    const who = { login: 'zoe', realm: 'corp' }
    expect(explainLogin(settings, { who }, CALLER, FRIDAY)).toMatchObject({
      who: { login: 'zoe', known: false },
      firstFactor: { value: 'none' },
    })
  })
})
