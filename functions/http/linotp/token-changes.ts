/** `/linotp/admin/remove`, `enable`, `disable` and `reset`. */
import type { Account } from '../../core/account.ts'
import { deleteToken, resetFailures, setEnabled } from '../../core/manage-tokens.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { linotpAdmin, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { type Found, heldTokens, unknownSerial } from './token-held.ts'

type Change = (ports: AdminPorts, account: Account, serial: string) => Promise<unknown>

/** Changes tokens; value: how many there were to change. */
const changing =
  (right: string, change: Change, check: (found: Found) => void = () => {}): LinotpAdminHandler =>
  async (ports, call) => {
    const found = await heldTokens(ports, call, [right])
    check(found)
    for (const { account, serial } of found.held) await change(ports, account, serial)
    const count = found.held.length
    const detail = count > 0 ? {} : { message: noneFound(found) }
    return value(count, { detail }, call.frame)
  }

const noneFound = ({ unknown }: Found) =>
  unknown.length > 0 ? `No token with serial ${unknown.join(', ')}` : 'No tokens for this user'

const mustExist = ({ unknown: [serial] }: Found) => {
  if (serial !== undefined) throw unknownSerial(serial)
}

const mustNotBeRevoked = ({ held }: Found) => {
  const revoked = held.find(({ account, serial }) => account.tokens[serial]!.revoked)
  if (revoked)
    throw refusal(905, `serial ${revoked.serial} is of a token that was revoked for good.`)
}

const enabling = (enabled: boolean): Change => {
  return (ports, account, serial) => setEnabled(ports, account, serial, enabled)
}

export const LINOTP_TOKEN_CHANGE_ROUTES = [
  linotpAdmin('POST', '/linotp/admin/remove', changing('delete', deleteToken, mustExist)),
  linotpAdmin('POST', '/linotp/admin/enable', changing('enable', enabling(true), mustNotBeRevoked)),
  linotpAdmin('POST', '/linotp/admin/disable', changing('disable', enabling(false))),
  linotpAdmin('POST', '/linotp/admin/reset', changing('reset', resetFailures)),
]
