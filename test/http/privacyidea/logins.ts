/** privacyIDEA's wire of logins over a world in memory. */
import { application } from '../../../functions/http/application.ts'
import { VALIDATE_ROUTES } from '../../../functions/http/privacyidea/validate-routes.ts'
import { answer, notFound } from '../../../functions/http/privacyidea/wire.ts'
import { httpClient, type Send } from '../../support/http.ts'
import { createWorld, type World } from '../../support/world.ts'

/** An administrator whose password is nobody's. */
const ANN = { name: 'ann', password: { salt: '', mac: '' }, failures: 0, failedAt: 0 }

/** A world with `alice`, who has the token `EMALICE`, `dave`, who has none, and the admin `ann`. */
export async function createLogins() {
  const world = createWorld()
  const alice = await world.addUser('alice')
  const profile = { givenname: 'Alice', surname: 'Cooper', phone: '1', mobile: '2' }
  await world.ports.accounts.save(alice, { ...alice, ...profile })
  await world.enrol(await world.account('alice'), { serial: 'EMALICE' })
  await world.addUser('dave')
  await world.admins.save({ ...ANN, rev: 1, createdAt: world.now() }, 0)
  const send = loginsOf(world)
  const check = (form: Record<string, string>, options: Send = {}) =>
    send('/validate/check', { ...options, form })
  return { world, send, check }
}
export type Logins = Awaited<ReturnType<typeof createLogins>>

/** Calls the routes of `/validate`. */
export const loginsOf = ({ ports }: Pick<World, 'ports'>) =>
  httpClient(application(ports, [(request) => answer(VALIDATE_ROUTES, ports, request)], notFound))

/** The first factor of `alice`. */
export const PIN = { user: 'alice', pass: '1234' }
