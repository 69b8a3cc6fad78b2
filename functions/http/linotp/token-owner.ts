/** `/linotp/admin/assign` and `unassign`: whose a token is. */
import type { Account } from '../../core/account.ts'
import { changeToken, setPin } from '../../core/manage-tokens.ts'
import { type AssignResult, assignToken, unassignToken } from '../../core/move-token.ts'
import { tellOfPins } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import { oneMore } from '../enrolment.ts'
import { MissingParameterError } from '../parameters.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { notAllowed } from './admin-caller.ts'
import { linotpAdmin, type LinotpAdminCall, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { heldTokens, namedUser, noteTarget, readSerials, unknownSerial } from './token-held.ts'

/** `id` is the number of serials, as in LinOTP. */
const assign: LinotpAdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  const serials = readSerials(parameters)
  if (serials.length === 0) throw new MissingParameterError('serial or serial[]')
  const owner = await namedUser(ports, call, 'assign')
  if (!owner) throw new MissingParameterError('user')
  caller.require('assign', owner)
  const pin = parameters.text('pin')
  const refused = pin === undefined ? undefined : caller.pinRefusal(pin, owner)
  if (refused !== undefined) throw notAllowed(refused)
  await checkFree(ports, call, serials, owner, pin)
  for (const serial of serials) await give(ports, call, serial, owner, pin)
  const given = pin === undefined ? [] : serials.map((serial) => ({ account: owner, serial }))
  await tellOfPins(ports, given, actingCaller(call.request))
  noteTarget(
    call,
    serials.map((serial) => ({ account: owner, serial })),
  )
  return value(true, { id: serials.length }, frame)
}

/** Refuses before anything is changed what would be refused half-way. */
async function checkFree(
  { accounts }: AdminPorts,
  { caller }: LinotpAdminCall,
  serials: readonly string[],
  owner: Account,
  pin: string | undefined,
): Promise<void> {
  for (const serial of serials) {
    const key = await accounts.findSerial(serial)
    const holder = key === undefined ? undefined : await accounts.get(key)
    const token = holder?.tokens[serial]
    if (!token) throw unknownSerial(serial)
    if (holder.login !== undefined && holder.key !== owner.key) throw ownedBySomebody(serial)
    if (pin !== undefined && holder.key === owner.key) caller.require('setpin', owner)
    if (pin === '' && token.type === 'spass') {
      throw refusal(905, 'pin is empty, and the PIN is all that this token asks for.')
    }
  }
}

const ownedBySomebody = (serial: string) =>
  refusal(905, `serial ${serial} belongs to another user; unassign it first.`)

async function give(
  ports: AdminPorts,
  call: LinotpAdminCall,
  serial: string,
  owner: Account,
  pin: string | undefined,
): Promise<void> {
  const isOwn = Object.hasOwn(owner.tokens, serial)
  const result = await assignToken(ports, serial, owner, (account) => oneMore(ports, call, account))
  if (!result.assigned) throw notAssigned(result, serial)
  const account = await ports.accounts.get(owner.key)
  if (!account) return
  if (!isOwn) await changeToken(ports, account, serial, (token) => ({ ...token, failcount: 0 }))
  if (pin !== undefined) await setPin(ports, account, serial, pin)
}

function notAssigned(result: AssignResult & { assigned: false }, serial: string): Error {
  switch (result.reason) {
    case 'owned':
      return ownedBySomebody(serial)
    case 'forbidden':
      return notAllowed(result.message)
    case 'too_many':
      return refusal(905, 'user has too many tokens; remove one first.')
    case 'unknown_user':
      return refusal(905, 'user is not the name of a user of this realm.')
    case 'unknown_serial':
      return unknownSerial(serial)
  }
}

const unassign: LinotpAdminHandler = async (ports, call) => {
  const { held, unknown } = await heldTokens(ports, call, ['unassign'])
  if (unknown[0] !== undefined) throw unknownSerial(unknown[0])
  for (const { serial } of held) await unassignToken(ports, serial)
  return value(true, {}, call.frame)
}

export const LINOTP_TOKEN_OWNER_ROUTES = [
  linotpAdmin('POST', '/linotp/admin/assign', assign),
  linotpAdmin('POST', '/linotp/admin/unassign', unassign),
]
