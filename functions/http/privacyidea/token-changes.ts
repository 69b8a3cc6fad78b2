/** `POST /token/enable` and its like: what changes tokens where they are. */
import type { Account } from '../../core/account.ts'
import {
  changeToken,
  deleteToken,
  resetFailures,
  revoke,
  setDescription,
  setEnabled,
  setPin,
} from '../../core/manage-tokens.ts'
import { DISPUTED, isDisputed } from '../../core/registration/former-addresses.ts'
import { tellOfPins } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import { MissingParameterError, type Parameters } from '../parameters.ts'
import type { AdminPorts } from './admin-ports.ts'
import {
  type AdminCall,
  type AdminHandler,
  type AdminRoute,
  adminRoute,
  sharedRoute,
  valueReply,
} from './admin-route.ts'
import { forbidden, revokedToken, unusable } from './refused.ts'
import { heldTokens } from './token-subject.ts'

/** What is done to one token; how many things that changed. */
type Change = (
  ports: AdminPorts,
  account: Account,
  serial: string,
  call: Changing,
) => Promise<number>

/** A call and the tokens whose PIN it has set. */
type Changing = AdminCall & { pinned: { account: Account; serial: string }[] }

/** A route that changes the tokens named by serial, or all of a user's; value: how many changed. */
const changing =
  (right: string, change: Change): AdminHandler =>
  async (ports, call) => {
    const { account, serials } = await heldTokens(ports, call, right)
    const running: Changing = { ...call, pinned: [] }
    let changed = 0
    for (const serial of serials) {
      const current = await ports.accounts.get(account.key)
      if (current?.tokens[serial]) changed += await change(ports, current, serial, running)
    }
    const isOwner = call.caller.account !== undefined
    await tellOfPins(ports, running.pinned, actingCaller(call.request, { isOwner }))
    return valueReply(changed, call.frame)
  }

const counted = async (changed: Promise<boolean>) => ((await changed) ? 1 : 0)

const enable: Change = async (ports, account, serial, { caller }) => {
  if (caller.account && isDisputed(account)) throw forbidden(DISPUTED)
  if (account.tokens[serial]!.revoked) throw revokedToken()
  return counted(setEnabled(ports, account, serial, true))
}

/** A user's own session ends the lock of a token; only an administrator ends that of an account. */
const reset: Change = async (ports, account, serial, { caller }) =>
  counted(
    caller.account
      ? changeToken(ports, account, serial, (token) => ({ ...token, failcount: 0 }))
      : resetFailures(ports, account, serial),
  )

const setPinOf: Change = async (ports, account, serial, call) => {
  const { parameters } = call
  const pin = parameters.text('otppin') ?? parameters.text('pin')
  return pin === undefined ? 0 : changePin(ports, account, serial, pin, call)
}

async function changePin(
  ports: AdminPorts,
  account: Account,
  serial: string,
  pin: string,
  { caller, pinned }: Changing,
): Promise<number> {
  const refused = caller.pinRefusal(pin, account)
  if (refused !== undefined) throw forbidden(refused)
  if (pin === '' && account.tokens[serial]!.type === 'spass') {
    throw unusable('otppin is empty, and the PIN is all that this token asks for.')
  }
  const set = await setPin(ports, account, serial, pin)
  if (set) pinned.push({ account, serial })
  return set ? 1 : 0
}

const describe: Change = async (ports, account, serial, { parameters }) => {
  const description = parameters.text('description') ?? ''
  return counted(setDescription(ports, account, serial, description))
}

const LARGEST_COUNT = 1_000_000

/** Several at once; each that is given counts. */
const setMany: Change = async (ports, account, serial, call) => {
  const { parameters, caller } = call
  const pin = parameters.text('pin') ?? parameters.text('otppin')
  if (pin !== undefined) caller.require('setpin', account)
  const description = parameters.text('description')
  if (description !== undefined) caller.require('setdescription', account)
  const maxFailcount = parameters.integer('max_failcount', 1, 100)
  const limits = limitsIn(parameters)
  const changes = {
    ...(description === undefined ? {} : { description }),
    ...(maxFailcount === undefined ? {} : { maxFailcount }),
  }
  if (Object.keys({ ...changes, ...limits }).length > 0) {
    await changeToken(ports, account, serial, (token) => ({
      ...token,
      ...changes,
      ...(Object.keys(limits).length > 0 ? { info: { ...token.info, ...limits } } : {}),
    }))
  }
  const current = await ports.accounts.get(account.key)
  const pinned =
    pin === undefined || !current ? 0 : await changePin(ports, current, serial, pin, call)
  return Object.keys(changes).length + Object.keys(limits).length + inert(parameters) + pinned
}

/** How often the token may be used; kept as the reference keeps it. */
function limitsIn(parameters: Parameters): Record<string, string> {
  const names = ['count_auth_max', 'count_auth_success_max']
  const entries = names.flatMap((name) => {
    const count = parameters.integer(name, 0, LARGEST_COUNT)
    return count === undefined ? [] : [[name, String(count)] as const]
  })
  return Object.fromEntries(entries)
}

/** Windows of look-ahead are accepted and not used: a code answers the challenge it was made for. */
const inert = (parameters: Parameters): number =>
  ['count_window', 'sync_window'].filter(
    (name) => parameters.integer(name, 0, LARGEST_COUNT) !== undefined,
  ).length

const CHANGES: Record<string, { right?: string; change: Change }> = {
  enable: { change: enable },
  disable: {
    change: (ports, account, serial) => counted(setEnabled(ports, account, serial, false)),
  },
  reset: { change: reset },
  revoke: { change: (ports, account, serial) => counted(revoke(ports, account, serial)) },
  setpin: { change: setPinOf },
  description: { right: 'setdescription', change: describe },
}

const remove = changing('delete', (ports, account, serial) =>
  counted(deleteToken(ports, account, serial)),
)

/** Nobody deletes all of a user's tokens by leaving out a serial. */
const removeNothing: AdminHandler = async () => {
  throw new MissingParameterError("'serial' or 'serials'")
}

export const TOKEN_CHANGE_ROUTES: AdminRoute[] = [
  ...Object.entries(CHANGES).flatMap(([verb, { right = verb, change }]) => [
    sharedRoute('POST', `/token/${verb}`, changing(right, change)),
    sharedRoute('POST', `/token/${verb}/{serial}`, changing(right, change)),
  ]),
  adminRoute('POST', '/token/set', changing('set', setMany)),
  adminRoute('POST', '/token/set/{serial}', changing('set', setMany)),
  sharedRoute('DELETE', '/token/{serial}', remove),
  sharedRoute('DELETE', '/token/', removeNothing),
]
