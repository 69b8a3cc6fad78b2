/** Whatever comes at once, an account has one address: the old one or the new one, everywhere. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dynamoAccounts } from '../../functions/adapters/dynamo-accounts.ts'
import { dynamoChallenges } from '../../functions/adapters/dynamo-challenges.ts'
import { memoryAccounts, memoryChallenges } from '../../functions/adapters/memory.ts'
import { type Account, accountKey, newAccount, type Token } from '../../functions/core/account.ts'
import { newPendingToken } from '../../functions/core/pending-token.ts'
import { confirmAddress, requestAddress } from '../../functions/core/registration.ts'
import {
  CHALLENGES,
  type Embedded,
  startEmbeddedDynamo,
  TOKENS,
} from '../support/embedded-dynamo.ts'
import { codeIn, createWorld, type World } from '../support/world.ts'

const ROUNDS = 200
const CALLER = { clientIp: '192.0.2.1' }
const SETTINGS = {
  'registration.per_hour': '0',
  'mail.per_hour': '0',
  'mail.per_day': '0',
  'email.delivery_wait': '0',
  'account.max_wrong_per_day': '100',
}

let embedded: Embedded
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
})
afterAll(() => embedded.stop())

const STORES: [string, () => Parameters<typeof createWorld>[0]][] = [
  ['memory', () => ({ accounts: memoryAccounts(), challenges: memoryChallenges() })],
  [
    'DynamoDB',
    () => ({
      accounts: dynamoAccounts(embedded.dynamo, TOKENS),
      challenges: dynamoChallenges(embedded.dynamo, CHALLENGES),
    }),
  ],
]

/** Milliseconds for all rounds of one test on a busy machine. */
const TIME = 300_000
const LANES = 10

/** Rounds about different people may go side by side. */
async function rounds(round: () => Promise<void>): Promise<void> {
  const lane = async () => {
    for (let count = 0; count < ROUNDS / LANES; count++) await round()
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

let people = 0

/** Somebody with an address, two tokens that mail there, and no PIN. */
async function person({ ports }: World) {
  const login = `p${++people}`
  const old = `${login}@old.example`
  const settings = await ports.settings.current()
  const token = (serial: string, email?: string): Token => {
    const made = newPendingToken({ serial, email: old }, settings, { ...ports, now: ports.now() })
    const { addedBy: _by, email: _email, ...rest } = made
    return { ...rest, rollout: 'enrolled', ...(email ? { email } : {}) }
  }
  const tokens = { [`A${people}`]: token(`A${people}`, old), [`B${people}`]: token(`B${people}`) }
  const account = newAccount(accountKey('demo', login), 'demo', login)
  await ports.accounts.create({ ...account, email: old, tokens })
  return { login, old }
}

async function request(world: World, login: string, address: string) {
  const account = await world.account(login)
  const asked = await requestAddress(world.ports, account, address, { by: 'self', caller: CALLER })
  if (!asked.requested) throw new Error(asked.message)
  const code = codeIn(world.mails.findLast(({ to }) => to === address)!)
  return { transactionId: asked.pending.transactionId, code }
}

let requests = 0
const confirm = async (
  world: World,
  login: string,
  proof: { transactionId: string; code: string },
) => {
  const nonce = `c${++requests}`
  return confirmAddress(world.ports, await world.account(login), {
    ...proof,
    nonce,
    caller: CALLER,
  })
}

/** Every address that codes of the account could go to. */
const active = ({ email, tokens }: Account) =>
  new Set([email, ...Object.values(tokens).flatMap((token) => token.email ?? [])])

describe.each(STORES)('in %s', (_name, open) => {
  it(
    `R28 eight right codes at once change the address once, ${ROUNDS} times over`,
    async () => {
      const world = createWorld({ ...open(), settings: SETTINGS })
      await rounds(async () => {
        const { login } = await person(world)
        const proof = await request(world, login, `${login}@new.example`)
        const results = await Promise.all(
          Array.from({ length: 8 }, () => confirm(world, login, proof)),
        )
        expect(results.filter(({ confirmed }) => confirmed)).toHaveLength(1)
        const account = await world.account(login)
        expect(active(account)).toEqual(new Set([`${login}@new.example`]))
        expect(account.former).toHaveLength(1)
      })
    },
    TIME,
  )

  it(
    `R27 a code and a second request at once leave one address, ${ROUNDS} times over`,
    async () => {
      const world = createWorld({ ...open(), settings: SETTINGS })
      let swaps = 0
      await rounds(async () => {
        const { login, old } = await person(world)
        const first = await request(world, login, `${login}@first.example`)
        const [confirmed, second] = await Promise.all([
          confirm(world, login, first),
          request(world, login, `${login}@second.example`),
        ])
        if (confirmed.confirmed) swaps++
        const now = confirmed.confirmed ? `${login}@first.example` : old
        const account = await world.account(login)
        expect(active(account)).toEqual(new Set([now]))
        // the second request stands where it came last, and is gone where the swap did
        const result = await confirm(world, login, second)
        const waited = account.pending?.transactionId === second.transactionId
        expect(result.confirmed).toBe(waited)
        const last = waited ? `${login}@second.example` : now
        expect(active(await world.account(login))).toEqual(new Set([last]))
      })
      expect(swaps).toBeLessThanOrEqual(ROUNDS)
    },
    TIME,
  )

  it(
    `R28 a login and a change at once: no code outlives its address, ${ROUNDS} times over`,
    async () => {
      const world = createWorld({ ...open(), settings: SETTINGS })
      await rounds(async () => {
        const { login } = await person(world)
        const proof = await request(world, login, `${login}@new.example`)
        const [changed, outcome] = await Promise.all([
          confirm(world, login, proof),
          world.check({ user: login, pass: '' }),
        ])
        expect(changed.confirmed).toBe(true)
        const account = await world.account(login)
        expect(active(account)).toEqual(new Set([`${login}@new.example`]))
        if (outcome.outcome !== 'challenged') return
        for (const { transactionId, serial } of outcome.issued) {
          const noted = account.open.find(
            (one) => one.transactionId === transactionId && one.serial === serial,
          )
          const sentTo = world.mails.findLast(({ to }) => to.startsWith(`${login}@`))!.to
          if (!noted?.superseded) expect(sentTo).toBe(`${login}@new.example`)
        }
      })
    },
    TIME,
  )
})
