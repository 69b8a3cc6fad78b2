/** The service under the model: a world, the people in it, and every code it derives. */
import { expect } from 'vitest'
import type { Account } from '../../functions/core/account.ts'
import { deliverOtp } from '../../functions/core/deliver-otp.ts'
import { createWorld, type WorldOptions } from '../support/world.ts'

export type Real = ReturnType<typeof createReal> extends Promise<infer T> ? T : never

export type Derived = { transactionId: string; digits: string }

/** `run` makes names unique, so that runs may share one database. */
export async function createReal(people: number, run: string, stores: WorldOptions = {}) {
  const world = createWorld({ ...stores, settings: { 'token.max_failcount': '100' } })
  const logins = Array.from({ length: people }, (_, index) => `user${index}-${run}`)
  for (const login of logins) await world.addUser(login)

  // a trigger delivers what is its own; what failed waits for a command of its own
  world.ports.outbox.send = async (references) => {
    for (const reference of references) {
      if ((await deliverOtp(world.deliverPorts, reference)) === 'retry') {
        world.waiting.push(reference)
      }
    }
  }

  const derived: Derived[] = []
  const { compose } = world.deliverPorts
  world.deliverPorts.compose = (message, settings) => {
    derived.push({ transactionId: message.challenge.transactionId, digits: message.otp })
    return compose(message, settings)
  }

  return {
    world,
    /** Codes derived since the last call. */
    takeDerived: () => derived.splice(0),
    serial: (index: number) => `EM${index}-${run}`,
    address: (index: number) => `${logins[index]}@example.org`,
    account: (index: number): Promise<Account> => world.account(logins[index]!),
    check: (index: number, pass: string, transactionId?: string) =>
      world.check({ user: logins[index]!, pass, ...(transactionId ? { transactionId } : {}) }),
    async capOf(index: number, transactionId: string) {
      const challenge = await world.ports.challenges.get(transactionId, `EM${index}-${run}`)
      expect(challenge).toBeDefined()
      return challenge!.maxAttempts
    },
  }
}
