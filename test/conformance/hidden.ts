/** What the recording's driver did between steps without telling. */
import { httpClient } from '../stack/support-http.ts'
import type { Mapping } from './mapping.ts'
import type { World } from './world.ts'

/** By the name of the step it was done before. */
export const HIDDEN: Readonly<
  Record<string, (world: World, mapping: Mapping) => Promise<unknown>>
> = {
  '19e-response-policies/no_detail_on_fail-wrong': (world, mapping) =>
    lookUp(world, mapping, '04052663888586196555'),
  '07-expiry/poll-expired': expireChallenges,
  '07-expiry/trigger-3': expireChallenges,
  '04-lifecycle/revoke': (world) => deleteToken(world, 'lostPIEM0001'),
}

/** It waited; here the clock of every open challenge is turned, and all of them end now. */
async function expireChallenges(world: World): Promise<void> {
  const now = Date.now()
  for await (const account of world.accounts.all()) {
    if (account.open.length === 0) continue
    const open = account.open.map((one) => ({ ...one, expiresAt: now }))
    await world.accounts.save(account, { ...account, open })
    for (const { transactionId, serial } of account.open) {
      await world.endChallenge(transactionId, serial, now)
    }
  }
}

/** It read the id of the newest challenge from the database, where no answer told it. */
async function lookUp({ accounts }: World, mapping: Mapping, recorded: string): Promise<void> {
  for await (const { open } of accounts.all()) {
    const newest = open.at(-1)
    if (newest) mapping.matches(recorded, newest.transactionId)
  }
}

function deleteToken({ stack, sessions }: World, serial: string): Promise<unknown> {
  const init = { method: 'DELETE', headers: { authorization: sessions.admin } }
  return httpClient(stack.api).send(`/token/${serial}`, init)
}
