/** Where the profile is `hardened`, what a refusal costs tells nothing: each step is counted. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Attempt } from '../../functions/core/authenticate.ts'
import { setEnabled } from '../../functions/core/manage-tokens.ts'
import { passwordHash, updateUser } from '../../functions/core/users.ts'
import { authentication, policy } from '../support/policies.ts'
import { createWorld, otherThan, type World } from '../support/world.ts'

const derived = vi.hoisted(() => ({ count: 0 }))
vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  const crypto = withCheapArgon2(await original())
  const argon2: typeof crypto.argon2 = (...given) => {
    derived.count++
    crypto.argon2(...given)
  }
  return { ...crypto, argon2 }
})

let world: World
let calls: string[]
beforeEach(async () => {
  world = createWorld({ settings: { profile: 'hardened' } })
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
  await world.enrol(await world.addUser('open'), { serial: 'EMOPEN', pin: '' })
  await world.addUser('dave')
  const { accounts, challenges } = world.ports
  calls = []
  const noted = <T extends object>(port: T, kind: string, ...names: (keyof T)[]) => {
    for (const name of names) {
      const call = port[name] as (...given: unknown[]) => unknown
      port[name] = ((...given: unknown[]) => {
        calls.push(kind)
        return call(...given)
      }) as T[typeof name]
    }
  }
  noted(accounts, 'read', 'get', 'findSerial')
  noted(accounts, 'write', 'save', 'charge')
  noted(challenges, 'guess', 'guess')
})

/** What the refusal of a request costs. */
async function costOf(attempt: Partial<Attempt>) {
  derived.count = 0
  calls.length = 0
  expect(await world.check(attempt)).toMatchObject({ outcome: 'rejected' })
  return { derivations: derived.count, calls: calls.toSorted().join(' ') }
}

const disable = async () => setEnabled(world.ports, await world.account('alice'), 'EMALICE', false)
async function lock() {
  const account = await world.account('alice')
  const EMALICE = { ...account.tokens.EMALICE!, failcount: 10 }
  await world.ports.accounts.save(account, { ...account, tokens: { EMALICE } })
}
async function mistype() {
  for (let tries = 0; tries < 5; tries++) await world.check({ user: 'alice', pass: 'no' })
}

async function bringTokens() {
  world.set(policy('enrollment', 'autoenrollment=email'))
  const password = await passwordHash(world.ports, 'davepw')
  await updateUser(world.ports, 'demo', 'dave', { password: password! })
}

/** As if enrolled while other settings were in force. */
async function ofLengths(...lengths: number[]) {
  const account = await world.account('alice')
  const { EMALICE } = account.tokens
  const tokens = lengths.map((digits, index) => {
    const serial = index === 0 ? 'EMALICE' : `EMALICE${index}`
    return [serial, { ...EMALICE!, serial, digits }] as const
  })
  await world.ports.accounts.save(account, { ...account, tokens: Object.fromEntries(tokens) })
}
async function waitForMany() {
  await ofLengths(6)
  const limits = { 'mail.per_hour': '0', 'account.max_wrong_per_day': '100' }
  for (const digits of [8, 10, 7]) {
    world.set({
      ...{ profile: 'hardened', 'email.concurrent_challenges': 'true', ...limits },
      ...authentication(`email_otplen=${digits}`),
    })
    await world.triggered('alice')
  }
}

type Case = [string, Partial<Attempt>, (() => Promise<unknown>)?]
const REFUSALS: Case[] = [
  ['a wrong PIN', { user: 'alice' }],
  ['an unknown user', { user: 'nobody' }],
  ['an unknown realm', { user: 'alice', realm: 'nope' }],
  ['a user without a token', { user: 'dave' }],
  ['a token without a PIN', { user: 'open' }],
  ['a disabled token', { user: 'alice' }, disable],
  ['a locked token', { user: 'alice' }, lock],
  ['a PIN that is not looked at', { user: 'alice' }, mistype],
  ['a token of short codes', { user: 'alice' }, () => ofLengths(4)],
  ['a token of long codes', { user: 'alice' }, () => ofLengths(12)],
  ['tokens of many lengths', { user: 'alice' }, () => ofLengths(4, 5, 6, 7, 8, 10, 12)],
  ['challenges of many lengths', { user: 'alice' }, waitForMany],
  ['X26 a password that would bring a token', { user: 'dave' }, bringTokens],
]

describe.each([
  ['wrong', { derivations: 1, calls: 'read write' }],
  ['wrong123', { derivations: 1, calls: 'read write' }],
  ['wrong1234', { derivations: 2, calls: 'guess read write write' }],
  ['wrong12345', { derivations: 3, calls: 'guess read write write' }],
  ['9999123456', { derivations: 4, calls: 'guess read write write' }],
  ['wrong123456789012', { derivations: 4, calls: 'guess read write write' }],
])('%s typed', (pass, cost) => {
  it.each(REFUSALS)('costs the same for %s', async (_, attempt, prepare) => {
    await prepare?.()
    expect(await costOf({ ...attempt, pass })).toEqual(cost)
  })

  it.each<[string, Partial<Attempt>]>([
    ['known', { serial: 'EMALICE' }],
    ['unknown', { serial: 'EMNONE' }],
  ])('costs the same for a serial that is %s', async (_, attempt) => {
    const calls = cost.calls.replace('read', 'read read')
    expect(await costOf({ ...attempt, pass })).toEqual({ ...cost, calls })
  })

  it.each<[string, Partial<Attempt>]>([
    ['theirs', { serial: 'EMALICE', user: 'alice' }],
    ["another's", { serial: 'EMALICE', user: 'dave' }],
    ["nobody's", { serial: 'EMALICE', user: 'nobody' }],
    ['unknown', { serial: 'EMNONE', user: 'alice' }],
  ])('costs the same for a user with a serial that is %s', async (_, attempt) => {
    const calls = cost.calls.replace('read', 'read read read')
    expect(await costOf({ ...attempt, pass })).toEqual({ ...cost, calls })
  })
})

it('a wrong code behind the right PIN costs what it costs behind a wrong one', async () => {
  const { otp } = await world.triggered('alice')
  const behindRight = await costOf({ user: 'alice', pass: `1234${otherThan(otp)}` })
  const behindWrong = await costOf({ user: 'alice', pass: `9999${otherThan(otp)}` })
  expect(behindRight).toEqual(behindWrong)
})

it('nothing is made up for where the profile is compat', async () => {
  world.set({ profile: 'compat' })
  expect(await costOf({ user: 'nobody', pass: 'wrong' })).toEqual({ derivations: 0, calls: 'read' })
})

it('what is made up for changes nothing that is kept', async () => {
  const before = await world.account('alice')
  await costOf({ user: 'nobody', pass: '9999123456' })
  expect(await world.account('alice')).toEqual(before)
  expect(await world.ports.accounts.get('account//')).toBeUndefined()
})
