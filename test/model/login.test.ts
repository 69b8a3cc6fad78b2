import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { dynamoAccounts } from '../../functions/adapters/dynamo-accounts.ts'
import { dynamoChallenges } from '../../functions/adapters/dynamo-challenges.ts'
import {
  CHALLENGES,
  type Embedded,
  startEmbeddedDynamo,
  TOKENS,
} from '../support/embedded-dynamo.ts'
import type { WorldOptions } from '../support/world.ts'
import { commands, enrolment, PEOPLE } from './commands.ts'
import { newExpected } from './expected.ts'
import { createReal } from './real.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

let embedded: Embedded
beforeAll(async () => {
  embedded = await startEmbeddedDynamo()
})
afterAll(() => embedded.stop())

/** Whatever is done in whatever order, the service does what the model says. */
async function followsModel(size: { runs: number; length: number }, stores: () => WorldOptions) {
  let accepted = 0
  const property = fc.asyncProperty(
    fc.commands(commands, { maxCommands: size.length, size: 'max' }),
    async (script) => {
      const model = newExpected(PEOPLE)
      const real = await createReal(PEOPLE, crypto.randomUUID(), stores())
      await enrolment(0, '').run(model, real)
      await enrolment(1, '1234').run(model, real)
      await fc.asyncModelRun(() => ({ model, real }), script)
      accepted += model.people.flatMap(({ codes }) => codes).filter(({ used }) => used).length
    },
  )
  await fc.assert(property, { numRuns: size.runs })
  // the scripts must not be so wild that nobody ever gets in
  expect(accepted).toBeGreaterThan(size.runs / 4)
}

it('logins go as the model says, in memory', { timeout: 120_000 }, async () => {
  await followsModel({ runs: 1500, length: 100 }, () => ({}))
})

it('logins go as the model says, in DynamoDB', { timeout: 120_000 }, async () => {
  await followsModel({ runs: 120, length: 60 }, () => ({
    accounts: dynamoAccounts(embedded.dynamo, TOKENS),
    challenges: dynamoChallenges(embedded.dynamo, CHALLENGES),
  }))
})
