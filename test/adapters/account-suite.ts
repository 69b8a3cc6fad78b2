/** What every account store must do, whatever it is made of. */
import { describe, expect, it } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import type { AccountStore } from '../../functions/core/ports.ts'
import { testAccount } from '../support/accounts.ts'
import { accountMaker, newSerial } from './account-maker.ts'
import { accountTokensSuite } from './account-tokens-suite.ts'

export function accountStoreSuite(open: () => AccountStore): void {
  const { read, create, enrolled } = accountMaker(open)

  describe('creating', () => {
    it('keeps what was given', async () => {
      const account = await create({ givenname: 'Zoë', mails: { 'a@example.org': [1, 2] } })
      expect(await read(account.key)).toEqual(account)
    })

    it('leaves an account that exists as it is', async () => {
      const account = await create()
      expect(await open().create({ ...account, email: 'mallory@example.org' })).toBe(false)
      expect(await read(account.key)).toEqual(account)
    })

    it('of several at once adds those whose key is free and tells who has the others', async () => {
      const [first, second] = [await create(), await create()]
      const fresh = [testAccount(), testAccount()]
      const others = [first, second].map((account) => ({ ...account, email: 'eve@example.org' }))
      const asked = [others[0]!, fresh[0]!, others[1]!, fresh[1]!]
      expect(await open().createMany(asked)).toEqual([first, undefined, second, undefined])
      for (const account of [first, second, ...fresh]) {
        expect(await read(account.key)).toEqual(account)
      }
      expect(await open().createMany([])).toEqual([])
    })

    it('of many at the same time succeeds once', async () => {
      const account = testAccount()
      const created = await Promise.all(Array.from({ length: 8 }, () => open().create(account)))
      expect(created.filter(Boolean)).toHaveLength(1)
    })

    it('does not keep what a caller changes later', async () => {
      const account = await create()
      account.wrong.push(1)
      const copy = await read(account.key)
      copy.wrong.push(2)
      expect((await read(account.key)).wrong).toEqual([])
    })
  })

  describe('saving', () => {
    it('writes the difference and counts the revision', async () => {
      const before = await enrolled(newSerial())
      const [serial] = Object.keys(before.tokens) as [string]
      const token = { ...before.tokens[serial]!, counter: 7, pin: { salt: 's', mac: 'm' } }
      const after = { ...before, consecutive: 3, wrong: [5], tokens: { [serial]: token } }
      expect(await open().save(before, after)).toEqual({ saved: true })
      expect(await read(before.key)).toEqual({ ...after, rev: before.rev + 1 })
    })

    it('removes what is no longer there', async () => {
      const before = await enrolled(newSerial())
      const [serial] = Object.keys(before.tokens) as [string]
      const pinned = {
        ...before,
        tokens: { [serial]: { ...before.tokens[serial]!, pin: { salt: 's', mac: 'm' } } },
      }
      await open().save(before, pinned)
      const bare = { ...before, rev: before.rev + 1, email: undefined }
      expect(await open().save({ ...pinned, rev: bare.rev }, bare)).toEqual({ saved: true })
      const stored = await read(before.key)
      expect(stored.email).toBeUndefined()
      expect(stored.tokens[serial]!.pin).toBeUndefined()
    })

    it('changes nothing on another revision and tells what is stored', async () => {
      const before = await create()
      await open().save(before, { ...before, consecutive: 1 })
      const late = await open().save(before, { ...before, consecutive: 2, email: 'x@example.org' })
      const current = await read(before.key)
      expect(late).toEqual({ saved: false, current })
      expect(current).toEqual({ ...before, rev: 1, consecutive: 1 })
    })

    it('tells that the account is gone', async () => {
      const ghost = testAccount()
      const result = await open().save(ghost, { ...ghost, consecutive: 1 })
      expect(result).toEqual({ saved: false, current: undefined })
      expect(await open().get(ghost.key)).toBeUndefined()
    })

    it('of many at the same time succeeds once', async () => {
      const before = await create()
      const saves = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          open().save(before, { ...before, consecutive: index + 1 }),
        ),
      )
      expect(saves.filter(({ saved }) => saved)).toHaveLength(1)
      expect((await read(before.key)).rev).toBe(1)
    })
  })

  describe('charging', () => {
    it('counts each evaluated code once and each token one failure', async () => {
      const [first, second] = [newSerial(), newSerial()]
      const before = await enrolled(first, second)
      await open().charge(before.key, { at: 5, evaluated: 2, serials: [first] })
      const after = await read(before.key)
      expect(after.wrong).toEqual([5, 5])
      expect(after.consecutive).toBe(2)
      expect(after.tokens[first]!.failcount).toBe(1)
      expect(after.tokens[second]!.failcount).toBe(0)
    })

    it('may charge a failure only', async () => {
      const serial = newSerial()
      const before = await enrolled(serial)
      await open().charge(before.key, { at: 5, evaluated: 0, serials: [serial] })
      const after = await read(before.key)
      expect(after).toMatchObject({ wrong: [], consecutive: 0 })
      expect(after.tokens[serial]!.failcount).toBe(1)
    })

    it('takes the revision from a save that is under way', async () => {
      const before = await create()
      await open().charge(before.key, { at: 5, evaluated: 1, serials: [] })
      const late = await open().save(before, { ...before, consecutive: 0 })
      expect(late).toMatchObject({ saved: false, current: { wrong: [5], consecutive: 1 } })
    })

    it('loses nothing in parallel', async () => {
      const serial = newSerial()
      const { key } = await enrolled(serial)
      const charge = (at: number) => open().charge(key, { at, evaluated: 1, serials: [serial] })
      await Promise.all(Array.from({ length: 20 }, (_, at) => charge(at)))
      const after = await read(key)
      expect(after.wrong.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, at) => at),
      )
      expect(after.consecutive).toBe(20)
      expect(after.tokens[serial]!.failcount).toBe(20)
    })

    it('still charges the account when a token is gone', async () => {
      const serial = newSerial()
      const { key } = await enrolled(serial)
      await open().charge(key, { at: 5, evaluated: 1, serials: [serial, 'EMGONE'] })
      expect(await read(key)).toMatchObject({ wrong: [5], consecutive: 1 })
    })

    it('makes no account where there is none', async () => {
      const { key } = testAccount()
      await open().charge(key, { at: 5, evaluated: 1, serials: [] })
      expect(await open().get(key)).toBeUndefined()
    })
  })

  it('gives every account, and nothing else', async () => {
    const made = await Promise.all([create(), enrolled(newSerial()), create()])
    const all = new Map<string, Account>()
    for await (const account of open().all()) all.set(account.key, account)
    for (const account of made) expect(all.get(account.key)).toEqual(account)
    expect([...all.keys()].every((key) => key.startsWith('account/'))).toBe(true)
  })

  accountTokensSuite(open)
}
