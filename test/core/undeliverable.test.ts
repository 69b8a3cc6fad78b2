import { describe, expect, it } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import {
  undeliverable,
  withDeliverable,
  withUndeliverable,
} from '../../functions/core/undeliverable.ts'
import { createWorld } from '../support/world.ts'

const REPORT = { at: 1000, why: 'bounce', words: '550 5.1.1' } as const

async function alice(): Promise<Account> {
  const world = createWorld()
  await world.enrol(await world.addUser('alice', 'Alice@Bücher.example'))
  return world.account('alice')
}

describe('an address that takes no mail', () => {
  it('is known in every spelling, and says why', async () => {
    const account = withUndeliverable(await alice(), 'alice@xn--bcher-kva.example', REPORT)!
    expect(undeliverable(account, 'Alice@Bücher.example')).toEqual(REPORT)
    expect(undeliverable(account, 'bob@x.example')).toBeUndefined()
  })

  it('is put aside once, however often it is reported', async () => {
    const account = withUndeliverable(await alice(), 'alice@bücher.example', REPORT)!
    const again = { ...REPORT, at: 2000 }
    expect(withUndeliverable(account, 'alice@bücher.example', again)).toBeUndefined()
  })

  it('is nothing to an account that does not use it', async () => {
    expect(withUndeliverable(await alice(), 'old@x.example', REPORT)).toBeUndefined()
  })

  it('stays allowed when a report from before comes late, and not when a new one comes', async () => {
    const account = withUndeliverable(await alice(), 'alice@bücher.example', REPORT)!
    const allowed = withDeliverable(account, 5000)!
    expect(undeliverable(allowed, 'alice@bücher.example')).toBeUndefined()
    expect(withUndeliverable(allowed, 'alice@bücher.example', REPORT)).toBeUndefined()
    const anew = withUndeliverable(allowed, 'alice@bücher.example', { ...REPORT, at: 5001 })!
    expect(undeliverable(anew, 'alice@bücher.example')).toMatchObject({ at: 5001 })
  })

  it('is allowed alone, or with all others; nothing is written where nothing was kept', async () => {
    const account = withUndeliverable(await alice(), 'alice@bücher.example', REPORT)!
    expect(withDeliverable(account, 5000, 'bob@x.example')).toBeUndefined()
    expect(withDeliverable(account, 5000, 'ALICE@bücher.example')).toBeDefined()
    expect(withDeliverable(await alice(), 5000)).toBeUndefined()
  })

  it('is forgotten when nobody uses it any more', async () => {
    const account = withUndeliverable(await alice(), 'alice@bücher.example', REPORT)!
    const moved = { ...account, email: 'new@x.example' }
    expect(undeliverable(moved, 'new@x.example')).toBeUndefined()
    const after = withUndeliverable(moved, 'new@x.example', { ...REPORT, at: 9 })!
    expect(Object.keys(after.undeliverable!)).toEqual(['new@x.example'])
  })
})
