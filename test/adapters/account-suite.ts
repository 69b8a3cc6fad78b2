/** What every account store must do, whatever it is made of. */
import { describe, expect, it } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import type { AccountStore } from '../../functions/core/ports.ts'
import { testAccount, testToken } from '../support/accounts.ts'

export const newSerial = () => `EM-${crypto.randomUUID()}`

/** An account with one more token. */
export const withToken = (account: Account, serial: string): Account => ({
  ...account,
  tokens: { ...account.tokens, [serial]: testToken(serial) },
})

export function accountStoreSuite(open: () => AccountStore): void {
  const read = async (key: string) => (await open().get(key))!
  const create = async (changes: Partial<Account> = {}) => {
    const account = testAccount(changes)
    expect(await open().create(account)).toBe(true)
    return account
  }
  /** Creates an account and puts tokens into it. */
  const enrolled = async (...serials: string[]) => {
    const { key } = await create()
    for (const serial of serials) {
      const before = await read(key)
      expect(await open().addToken(before, withToken(before, serial), serial)).toEqual({
        saved: true,
      })
    }
    return read(key)
  }

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
    const moved = async (serial: string, from: Account, to: Account) => {
      const { [serial]: token, ...others } = from.tokens
      return open().moveToken(
        serial,
        { before: from, after: { ...from, tokens: others } },
        { before: to, after: { ...to, tokens: { ...to.tokens, [serial]: token! } } },
      )
    }

    it('takes it, with its index entry, from one account to the other', async () => {
      const [serial, staying] = [newSerial(), newSerial()]
      const [from, to] = [await enrolled(serial, staying), await enrolled(newSerial())]
      expect(await moved(serial, from, to)).toBe(true)
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
      const after = { ...to, tokens: from.tokens }
      expect(await open().moveToken(serial, { before: from }, { before: to, after })).toBe(true)
      expect(await open().get(from.key)).toBeUndefined()
      expect(await open().findSerial(serial)).toBe(to.key)
    })

    it.each(['from', 'to'])('changes nothing when the account %s has changed', async (which) => {
      const serial = newSerial()
      const [from, to] = [await enrolled(serial), await create()]
      const charged = which === 'from' ? from : to
      await open().charge(charged.key, { at: 5, evaluated: 1, serials: [] })
      expect(await moved(serial, from, to)).toBe(false)
      const after = { ...to, tokens: from.tokens }
      expect(await open().moveToken(serial, { before: from }, { before: to, after })).toBe(false)
      expect((await read(from.key)).tokens).toEqual(from.tokens)
      expect((await read(to.key)).tokens).toEqual({})
      expect(await open().findSerial(serial)).toBe(from.key)
    })

    it('to many accounts at the same time succeeds once', async () => {
      const serial = newSerial()
      const from = await enrolled(serial)
      const others = await Promise.all(Array.from({ length: 6 }, () => create()))
      const results = await Promise.all(others.map((to) => moved(serial, from, to)))
      const winners = others.filter((_, index) => results[index])
      expect(winners).toHaveLength(1)
      expect(await open().findSerial(serial)).toBe(winners[0]!.key)
      const holders = await Promise.all([from, ...others].map(({ key }) => read(key)))
      expect(holders.filter(({ tokens }) => Object.hasOwn(tokens, serial))).toHaveLength(1)
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

    it('takes it out of one account and puts it into the other, index and all', async () => {
      const serial = newSerial()
      const [from, to] = [await enrolled(serial, newSerial()), await enrolled(newSerial())]
      const { from: leaving, to: entering } = moved(from, to, serial)
      expect(await open().moveToken(serial, leaving, entering)).toBe(true)
      expect(Object.keys((await read(from.key)).tokens)).not.toContain(serial)
      expect((await read(to.key)).tokens[serial]).toEqual(from.tokens[serial])
      expect(await open().findSerial(serial)).toBe(to.key)
    })

    it('may remove the account it leaves', async () => {
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

    it('by two at the same time happens once', async () => {
      const serial = newSerial()
      const from = await enrolled(serial)
      const [one, two] = [await create(), await create()]
      const [first, second] = [moved(from, one, serial), moved(from, two, serial)]
      const done = await Promise.all([
        open().moveToken(serial, first.from, first.to),
        open().moveToken(serial, second.from, second.to),
      ])
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await open().findSerial(serial)).toBe(done[0] ? one.key : two.key)
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

  it('gives every account, and nothing else', async () => {
    const made = await Promise.all([create(), enrolled(newSerial()), create()])
    const all = new Map<string, Account>()
    for await (const account of open().all()) all.set(account.key, account)
    for (const account of made) expect(all.get(account.key)).toEqual(account)
    expect([...all.keys()].every((key) => key.startsWith('account/'))).toBe(true)
  })
}
