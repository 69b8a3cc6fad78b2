/** What an import makes of addresses, and what the audit is told of it. */
import { describe, expect, it } from 'vitest'
import { auditEntry } from '../../../functions/adapters/audit-line.ts'
import type { AuditEntry } from '../../../functions/core/audit.ts'
import { policy } from '../../support/policies.ts'
import { createOperator } from './operator.ts'

const row = (user: string, domain = 'example.org') => ({ user, email: `${user}@${domain}` })

/** The audit as `record` would make it of the log. */
const auditOf = ({ world }: ReturnType<typeof createOperator>): AuditEntry[] =>
  world.lines.flatMap((line) => {
    const entry = auditEntry(JSON.stringify({ time: new Date().toISOString(), ...line }))
    return entry ? [entry] : []
  })

describe('an imported address', () => {
  it('is one that may be registered; others are skipped, each with its reason', async () => {
    const { done, world } = createOperator({
      settings: { 'address.denied_domains': 'denied.example' },
    })
    const rows = [
      row('ok'),
      row('denied', 'denied.example'),
      row('thrown', 'mailinator.com'),
      { user: 'bad', email: 'a b@x.example' },
      row('fine'),
    ]
    const { rows: results } = await done('user.import', { rows })
    expect(results).toMatchObject([
      { state: 'added' },
      {
        state: 'refused',
        parameter: 'email',
        reason: expect.stringContaining('not accepted here'),
      },
      { state: 'refused', parameter: 'email', reason: expect.stringContaining('Disposable') },
      { state: 'refused', parameter: 'email', reason: expect.stringContaining('space') },
      { state: 'added' },
    ])
    expect(await world.account('denied')).toBeUndefined()
    expect(await world.account('fine')).toBeDefined()
  })

  it('is looked up in DNS only where that is asked for', async () => {
    const operator = createOperator()
    const asked: string[] = []
    operator.ports.domains = {
      async check(domain) {
        asked.push(domain)
        return domain === 'nowhere.example' ? 'unknown_domain' : 'accepts'
      },
    }
    const rows = [row('a', 'nowhere.example'), row('b')]
    const without = await operator.done('user.import', { rows })
    expect(without.rows).toMatchObject([{ state: 'added' }, { state: 'added' }])
    expect(asked).toEqual([])
    const looked = await operator.done('user.import', { rows, check_domains: true })
    expect(looked.rows).toMatchObject([
      { state: 'refused', reason: expect.stringContaining('does not exist') },
      { state: 'unchanged' },
    ])
    expect(asked.toSorted()).toEqual(['example.org', 'nowhere.example'])
  })

  it('is looked at as the policies of its realm say', async () => {
    const { done } = createOperator({
      settings: {
        'realms/staff': 'directory',
        ...policy('enrollment', 'email_validation=syntax', { realm: 'staff' }),
      },
    })
    const thrown = row('kim', 'mailinator.com')
    const { rows } = await done('user.import', { rows: [thrown, { ...thrown, realm: 'staff' }] })
    expect(rows).toMatchObject([{ state: 'refused' }, { state: 'added' }])
  })
})

describe('whether it is proven', () => {
  it('nobody says, unless the operator vouches for it', async () => {
    const { done, world } = createOperator()
    await done('user.import', { rows: [row('a')] })
    expect(await world.account('a')).not.toHaveProperty('emailVerified')
    await done('user.import', { rows: [row('b'), { user: 'c' }], verified: true })
    const proven = { at: world.now(), method: 'admin' }
    expect(await world.account('b')).toMatchObject({ emailVerified: proven })
    expect(await world.account('c')).not.toHaveProperty('emailVerified')
  })

  it('holds for users who are there: vouched for now, kept, or lost with the address', async () => {
    const { done, world } = createOperator()
    const come = async (verified: boolean, domain = 'example.org') => {
      const { rows } = await done('user.import', { rows: [row('a', domain)], verified })
      return rows[0].state
    }
    await come(false)
    expect(await come(true)).toBe('updated')
    const { emailVerified } = await world.account('a')
    world.advance(1000)
    expect(await come(true)).toBe('unchanged')
    expect(await come(false)).toBe('unchanged')
    expect(await world.account('a')).toMatchObject({ emailVerified })
    expect(await come(false, 'new.example')).toBe('updated')
    expect((await world.account('a')).emailVerified).toBeUndefined()
  })
})

describe('the audit of an import', () => {
  it('is one record for all its rows, with the import that accounts name', async () => {
    const operator = createOperator()
    const rows = [row('a'), row('b'), row('c', 'mailinator.com')]
    await operator.done('user.import', { rows, import: 'i1', enrol: true, without_pin: true })
    const told = auditOf(operator)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatchObject({
      ...{ action: 'operator user.import', success: true, administrator: 'operator' },
      detail: 'import i1: 2 added, 1 refused, 2 enrolled',
    })
    expect(await operator.done('user.show', { user: 'a' })).toMatchObject({ import: 'i1' })
    expect(JSON.stringify(operator.world.lines)).not.toContain('a@example.org')
  })

  it('and one for everybody whose address gives way to another one', async () => {
    const operator = createOperator()
    await operator.done('user.import', { rows: [row('a'), row('b')] })
    operator.world.lines.length = 0
    const rows = [row('a', 'new.example'), { ...row('b'), surname: 'B' }, row('c')]
    const reply = await operator.done('user.import', { rows })
    expect(Object.keys(reply)).toEqual(['rows'])
    expect(auditOf(operator)).toMatchObject([
      { detail: 'import: 2 updated, 1 added' },
      {
        ...{ action: 'operator user.import', user: 'a', realm: 'demo' },
        addresses: { old: { mask: expect.any(String) }, new: { mask: expect.any(String) } },
      },
    ])
    expect(auditOf(operator)).toHaveLength(2)
  })
})
