/** What every account store must do with tokens and the index of their serials. */
import { describe, expect, it } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import type { AccountStore } from '../../functions/core/ports.ts'
import { testAccount } from '../support/accounts.ts'
import { accountMaker, newSerial, withToken } from './account-maker.ts'

export function accountTokensSuite(open: () => AccountStore): void {
  const { read, create, enrolled } = accountMaker(open)

  describe('tokens and their serials', () => {
    it('are found by serial', async () => {
      const serial = newSerial()
      const { key } = await enrolled(serial)
      expect(await open().findSerial(serial)).toBe(key)
      expect(await open().findSerial(newSerial())).toBeUndefined()
    })

    it('do not go into two accounts', async () => {
      const serial = newSerial()
      await enrolled(serial)
      const other = await create()
      const result = await open().addToken(other, withToken(other, serial), serial)
      expect(result).toEqual({ saved: false, taken: true })
      expect(await read(other.key)).toEqual(other)
    })

    it('of one serial, added by many at the same time, go into one account', async () => {
      const serial = newSerial()
      const owners = await Promise.all(Array.from({ length: 8 }, () => create()))
      const results = await Promise.all(
        owners.map((owner) => open().addToken(owner, withToken(owner, serial), serial)),
      )
      const winners = owners.filter((_, index) => results[index]!.saved)
      expect(winners).toHaveLength(1)
      expect(await open().findSerial(serial)).toBe(winners[0]!.key)
      for (const { key } of owners) {
        const holds = Object.hasOwn((await read(key)).tokens, serial)
        expect(holds).toBe(key === winners[0]!.key)
      }
    })

    it('are not added on another revision', async () => {
      const account = await create()
      await open().save(account, { ...account, consecutive: 1 })
      const serial = newSerial()
      const result = await open().addToken(account, withToken(account, serial), serial)
      expect(result).toMatchObject({ saved: false, current: { rev: 1 } })
      expect(await open().findSerial(serial)).toBeUndefined()
    })

    it('leave with their index entry', async () => {
      const serial = newSerial()
      const before = await enrolled(serial)
      const result = await open().dropToken(before, { ...before, tokens: {} }, serial)
      expect(result).toEqual({ saved: true })
      expect((await read(before.key)).tokens).toEqual({})
      expect(await open().findSerial(serial)).toBeUndefined()
    })

    it('stay, with their index entry, when the revision is another', async () => {
      const serial = newSerial()
      const before = await enrolled(serial)
      await open().charge(before.key, { at: 5, evaluated: 1, serials: [] })
      const result = await open().dropToken(before, { ...before, tokens: {} }, serial)
      expect(result).toMatchObject({ saved: false, current: { rev: before.rev + 1 } })
      expect(await open().findSerial(serial)).toBe(before.key)
    })
  })

  describe('moving a token', () => {
    const moved = (from: Account, to: Account, serial: string) => {
      const { [serial]: token, ...left } = from.tokens
      return {
        from: { before: from, after: { ...from, tokens: left } },
        to: { before: to, after: { ...to, tokens: { ...to.tokens, [serial]: token! } } },
      }
    }

    it('takes it, with its index entry, from one account to the other', async () => {
      const [serial, staying] = [newSerial(), newSerial()]
      const [from, to] = [await enrolled(serial, staying), await enrolled(newSerial())]
      const { from: leaving, to: entering } = moved(from, to, serial)
      expect(await open().moveToken(serial, leaving, entering)).toBe(true)
      expect(await read(from.key)).toEqual({
        ...from,
        rev: from.rev + 1,
        tokens: { [staying]: from.tokens[staying] },
      })
      expect((await read(to.key)).tokens[serial]).toEqual(from.tokens[serial])
      expect(Object.keys((await read(to.key)).tokens)).toHaveLength(2)
      expect(await open().findSerial(serial)).toBe(to.key)
    })

    it('removes the account it leaves when told so', async () => {
      const serial = newSerial()
      const [from, to] = [await enrolled(serial), await create()]
      const { to: entering } = moved(from, to, serial)
      expect(await open().moveToken(serial, { before: from }, entering)).toBe(true)
      expect(await open().get(from.key)).toBeUndefined()
      expect(await open().findSerial(serial)).toBe(to.key)
    })

    it.each([
      ['it leaves', true, 'kept'],
      ['it leaves', true, 'removed'],
      ['it enters', false, 'kept'],
      ['it enters', false, 'removed'],
    ])('changes nothing when the account %s was changed (%s, %s)', async (_which, first, end) => {
      const serial = newSerial()
      const [from, to] = [await enrolled(serial), await create()]
      const { from: leaving, to: entering } = moved(from, to, serial)
      const changed = first ? from.key : to.key
      await open().charge(changed, { at: 5, evaluated: 1, serials: [] })
      const before = [await read(from.key), await read(to.key)]
      const start = end === 'kept' ? leaving : { before: from }
      expect(await open().moveToken(serial, start, entering)).toBe(false)
      expect([await read(from.key), await read(to.key)]).toEqual(before)
      expect(await open().findSerial(serial)).toBe(from.key)
    })

    it('to many accounts at the same time succeeds once', async () => {
      const serial = newSerial()
      const from = await enrolled(serial)
      const others = await Promise.all(Array.from({ length: 6 }, () => create()))
      const results = await Promise.all(
        others.map((to) => {
          const { from: leaving, to: entering } = moved(from, to, serial)
          return open().moveToken(serial, leaving, entering)
        }),
      )
      const winners = others.filter((_, index) => results[index])
      expect(winners).toHaveLength(1)
      expect(await open().findSerial(serial)).toBe(winners[0]!.key)
      const holders = await Promise.all([from, ...others].map(({ key }) => read(key)))
      expect(holders.filter(({ tokens }) => Object.hasOwn(tokens, serial))).toHaveLength(1)
    })
  })

  describe('removing', () => {
    it('takes the account and frees its serials', async () => {
      const serials = [newSerial(), newSerial()]
      const account = await enrolled(...serials)
      expect(await open().remove(account)).toEqual({ saved: true })
      expect(await open().get(account.key)).toBeUndefined()
      for (const serial of serials) expect(await open().findSerial(serial)).toBeUndefined()
    })

    it('tells when there was nothing', async () => {
      const nothing = await open().remove(testAccount())
      expect(nothing).toEqual({ saved: false, current: undefined })
    })

    it('changes nothing on another revision and tells what is stored', async () => {
      const serial = newSerial()
      const before = await enrolled(serial)
      await open().charge(before.key, { at: 5, evaluated: 1, serials: [] })
      const current = await read(before.key)
      expect(await open().remove(before)).toEqual({ saved: false, current })
      expect(await read(before.key)).toEqual(current)
      expect(await open().findSerial(serial)).toBe(before.key)
    })

    it('leaves the index entry of a token that moved away meanwhile', async () => {
      const serial = newSerial()
      const [from, to] = [await enrolled(serial), await create()]
      const after = { ...to, tokens: from.tokens }
      await open().moveToken(serial, { before: from }, { before: to, after })
      expect(await open().remove(from)).toEqual({ saved: false, current: undefined })
      expect(await open().findSerial(serial)).toBe(to.key)
    })

    it('and moving away at the same time: one of them, and the index agrees', async () => {
      const serial = newSerial()
      const [from, to] = [await enrolled(serial), await create()]
      const after = { ...to, tokens: from.tokens }
      const [removed, movedAway] = await Promise.all([
        open().remove(from),
        open().moveToken(serial, { before: from }, { before: to, after }),
      ])
      expect(removed.saved).not.toBe(movedAway)
      expect(await open().findSerial(serial)).toBe(movedAway ? to.key : undefined)
    })
  })
}
