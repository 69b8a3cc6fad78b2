/** Logins of alice at applications that are known by their API keys. */
import { vi } from 'vitest'
import type { Attempt } from '../../functions/core/authenticate.ts'
import type { Caller } from '../../functions/core/caller.ts'
import { hashPin } from '../../functions/core/pin.ts'
import { codeIn, createWorld, type World } from './world.ts'

/** A caller whose request carries the key of that name; undefined: none. */
export const at = (name?: string): Caller & { apiKey: ReturnType<typeof vi.fn> } => ({
  clientIp: '192.0.2.1',
  apiKey: vi.fn(async () => name),
})

export type Begun = { transactionId: string; otp: string }

export async function setPassword(world: World, login: string, password: string): Promise<void> {
  const account = await world.account(login)
  const hash = await hashPin(await world.ports.keyring.key('pin'), password, world.ports.random)
  await world.ports.accounts.save(account, { ...account, password: hash })
}

/** A world where alice has the token `EMALICE`, the PIN 1234 and the password `alicepw`. */
export async function createApplications() {
  const world = createWorld()
  await world.enrol(await world.addUser('alice'), { serial: 'EMALICE' })
  await setPassword(world, 'alice', 'alicepw')
  const check = (application: string | undefined, attempt: Partial<Attempt>) =>
    world.check({ user: 'alice', caller: at(application), ...attempt })

  return {
    world,
    check,
    /** Has a code mailed for an application. */
    async asked(application: string | undefined, pass: string) {
      const outcome = await check(application, { pass })
      if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
      const [challenge] = outcome.issued
      const { transactionId, createdAt, expiresAt } = challenge!
      const mail = world.mails.at(-1)!
      const seconds = (expiresAt - createdAt) / 1000
      return { transactionId, seconds, mail, otp: codeIn(mail) }
    },
    answer: (application: string | undefined, { transactionId, otp }: Begun) =>
      check(application, { pass: otp, transactionId }),
  }
}
export type Applications = Awaited<ReturnType<typeof createApplications>>
