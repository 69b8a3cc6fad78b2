/** An administrator of tokens at `/linotp/admin`, and what they ask for. */
import { createAdminWorld } from '../privacyidea/admin-world.ts'
import { signedIn, told } from './browser.ts'

/** An e-mail token, as `init` is told. */
export const TOKEN = {
  ...{ type: 'email', email_address: 'a@example.org', pin: 'pin', serial: 'LSEM0001' },
}

/** The world of administrators, and one who is signed in. */
export async function createTokenAdmin() {
  const world = await createAdminWorld()
  const admin = await signedIn(world)
  const done = async (verb: string, form: Record<string, string> | string) =>
    told(await admin.post(`/admin/${verb}`, form))
  return {
    world,
    admin,
    done,
    /** A token for `alice`. */
    init: (form: Record<string, string> = {}) =>
      done('init', { ...TOKEN, user: 'alice', realm: 'realm1', ...form }),
    value: async (verb: string, form: Record<string, string> | string) =>
      (await done(verb, form)).value,
    token: async (login = 'alice', serial = 'LSEM0001') =>
      (await world.account(login)).tokens[serial]!,
  }
}
export type TokenAdmin = Awaited<ReturnType<typeof createTokenAdmin>>
