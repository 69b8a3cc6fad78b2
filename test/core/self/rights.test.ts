import { describe, expect, it } from 'vitest'
import { USER_RIGHTS } from '../../../functions/core/policy/actions.ts'
import type { Actor } from '../../../functions/core/policy/actor.ts'
import { selfRights } from '../../../functions/core/self/rights.ts'
import { parseSettings } from '../../../functions/core/settings.ts'

const ALICE: Actor = {
  role: 'user',
  name: 'alice',
  realm: 'demo',
  resolver: '',
  client: '',
  now: 0,
}

/** What a session of this purpose may do of all that users can, under a policy. */
function granted(purpose: 'full' | 'activation', policy?: object) {
  const raw: Record<string, string> = { 'realm.default': 'demo' }
  if (policy) raw['policies/own'] = JSON.stringify(policy)
  const { policies } = parseSettings(raw).settings
  const own = selfRights(policies, ALICE, { purpose })
  return USER_RIGHTS.filter((right) => own.allowed(right))
}

describe('who has proven PIN and code', () => {
  it('may do all that users can while no policy says anything', () => {
    expect(granted('full')).toEqual(USER_RIGHTS)
  })

  it.each([
    ['is of another scope', { scope: 'admin', action: 'enable' }],
    ['is not active', { scope: 'user', action: 'auditlog', active: false }],
  ])('may do so too where a policy %s', (_what, policy) => {
    expect(granted('full', policy)).toEqual(USER_RIGHTS)
  })

  it.each([
    ['auditlog', {}, ['auditlog']],
    ['setpin, revoke', {}, ['revoke', 'setpin']],
    // the first policy ends what nobody has granted, for those too whom it does not name
    ['setpin', { realm: 'elsewhere' }, []],
  ])('may do what a policy grants: %s %j', (action, extra, rights) => {
    expect(granted('full', { scope: 'user', action, ...extra })).toEqual(rights)
  })

  it('may do nothing of what administrators can', () => {
    const own = selfRights([], ALICE, { purpose: 'full' })
    expect(['adduser', 'userlist', 'toString', ''].filter((right) => own.allowed(right))).toEqual(
      [],
    )
    expect(own.refusal('adduser')).toBe('The action adduser is not allowed!')
    expect(own.refusal('setpin')).toBeUndefined()
  })
})

describe('who has shown a password alone', () => {
  it('may look and protect by default, and change no factor', () => {
    expect(granted('activation')).toEqual(['disable', 'setdescription', 'auditlog'])
  })

  it('may do what a policy grants', () => {
    const policy = { scope: 'user', action: 'enrollEMAIL' }
    expect(granted('activation', policy)).toEqual(['enrollEMAIL'])
  })
})
