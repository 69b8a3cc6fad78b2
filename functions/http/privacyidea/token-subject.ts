import type { Account } from '../../core/account.ts'
import { findAccount } from '../../core/find-account.ts'
import { MissingParameterError } from '../parameters.ts'
import type { AdminPorts } from './admin-ports.ts'
import type { AdminCall } from './admin-route.ts'
import { unknownSerial, unknownToken, unknownUser, unusable } from './refused.ts'

export type Held = { account: Account; serials: string[] }

/**
 * The tokens a request is about: the one of `serial`, in the path or as a parameter, or all of
 * `user`. Of a user who asks: their own. Refuses who may not do `right` to them.
 */
export async function heldTokens(ports: AdminPorts, call: AdminCall, right: string): Promise<Held> {
  const held = await findHeld(ports, call, right)
  const { login, realm } = held.account
  call.request.target = { login, realm, serials: held.serials }
  return held
}

async function findHeld(ports: AdminPorts, call: AdminCall, right: string): Promise<Held> {
  const { parameters, path, caller } = call
  const serial = path.serial ?? parameters.named('serial')
  if (caller.account) {
    caller.require(right)
    return ownTokens(caller.account, serial)
  }
  const user = parameters.named('user')
  if (!serial && !user) throw new MissingParameterError("'serial' or 'serials'")
  const found = await findAccount(ports, { serial, user, realm: parameters.named('realm') })
  caller.require(right, found.found ? found.account : undefined)
  if (found.found) return found
  switch (found.reason) {
    case 'unknown_serial':
      throw unknownSerial(found.serial)
    case 'serial_of_other':
      throw unusable('Given serial does not belong to given user!')
    default:
      throw unknownUser()
  }
}

function ownTokens(account: Account, serial: string | undefined): Held {
  if (serial === undefined) return { account, serials: Object.keys(account.tokens) }
  if (Object.hasOwn(account.tokens, serial)) return { account, serials: [serial] }
  throw unknownToken()
}

/** The token of the one serial a request names. */
export async function heldToken(ports: AdminPorts, call: AdminCall, right: string) {
  const serial = call.path.serial ?? call.parameters.required('serial')
  const { account } = await heldTokens(ports, call, right)
  return { account, serial, token: account.tokens[serial]! }
}

/** The user of an administrator's request; undefined when it names none. */
export async function namedUser(
  ports: AdminPorts,
  { parameters, caller }: AdminCall,
): Promise<Account | undefined> {
  if (caller.account) return caller.account
  const user = parameters.named('user')
  if (user === undefined) return undefined
  const found = await findAccount(ports, { user, realm: parameters.named('realm') })
  if (!found.found) throw unknownUser()
  return found.account
}
