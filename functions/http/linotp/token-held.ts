/** Which tokens a request of `/linotp/admin` is about. */
import type { Account } from '../../core/account.ts'
import { findAccount } from '../../core/find-account.ts'
import { MalformedRequestError } from '../errors.ts'
import { boundedName, MissingParameterError, Parameters } from '../parameters.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import type { LinotpAdminCall } from './admin-route.ts'
import { refusal } from './refused.ts'
import { subjectOf } from './validate-attempt.ts'

export type Held = { account: Account; serial: string }
export type Found = {
  held: Held[]
  /** Serials no token has. */
  unknown: string[]
}

const MOST_SERIALS = 100

/** The serials of `serial[]`, or of `serial`, which in JSON may be a list; each once. */
export function readSerials(parameters: Parameters): string[] {
  const given = [...parameters.listed('serial[]'), ...oneOrMany(parameters)]
  const serials = [...new Set(given.map((serial) => boundedName('serial', serial)))]
  if (serials.length <= MOST_SERIALS) return serials
  throw new MalformedRequestError(`serial[] names more than ${MOST_SERIALS} tokens.`, 'serial[]')
}

function oneOrMany(parameters: Parameters): string[] {
  const { serial } = parameters.all()
  if (Array.isArray(serial)) return parameters.listed('serial')
  const one = parameters.named('serial')
  return one === undefined ? [] : [one]
}

/**
 * The tokens named by serial, or all of a user's; of both, the user's among those named. Nobody's
 * token is found who may not have these rights done to it: that refuses the request as a whole.
 */
export async function heldTokens(
  ports: AdminPorts,
  call: LinotpAdminCall,
  rights: readonly [string, ...string[]],
): Promise<Found> {
  const { parameters, caller } = call
  const serials = readSerials(parameters)
  const owner = await namedUser(ports, call, rights[0])
  if (serials.length === 0 && !owner) throw new MissingParameterError('serial or user')
  const found =
    serials.length === 0
      ? {
          held: Object.keys(owner!.tokens).map((serial) => ({ account: owner!, serial })),
          unknown: [],
        }
      : await bySerial(ports, serials, owner)
  const accounts = new Set([...(owner ? [owner] : []), ...found.held.map(({ account }) => account)])
  for (const right of rights) {
    if (accounts.size === 0) caller.require(right)
    for (const account of accounts) caller.require(right, account)
  }
  noteTarget(call, found.held)
  return found
}

async function bySerial({ accounts }: AdminPorts, serials: string[], owner: Account | undefined) {
  const found: Found = { held: [], unknown: [] }
  for (const serial of serials) {
    const key = await accounts.findSerial(serial)
    const account = key === undefined ? undefined : await accounts.get(key)
    const isMeant = account?.tokens[serial] && (!owner || owner.key === account.key)
    if (isMeant) found.held.push({ account, serial })
    else found.unknown.push(serial)
  }
  return found
}

/** The user a request names; whoever has the right in general is told of one who does not exist. */
export async function namedUser(
  ports: AdminPorts,
  { parameters, caller }: LinotpAdminCall,
  right: string,
): Promise<Account | undefined> {
  const { user, realm } = parameters.all()
  const named = new Parameters(new Map(Object.entries({ user, realm })))
  const subject = subjectOf(named, caller.settings)
  if (!subject) return undefined
  const found = await findAccount(ports, subject)
  if (found.found) return found.account
  caller.require(right)
  throw refusal(905, 'user is not the name of a user of this realm.')
}

/** For the log: whose tokens they are is told where they are one account's. */
export function noteTarget({ request }: Pick<LinotpAdminCall, 'request'>, held: readonly Held[]) {
  const [first] = held
  if (!first) return
  const { login, realm } = first.account
  const serials = held.map(({ serial }) => serial)
  const ofOne = held.every(({ account }) => account.key === first.account.key)
  request.target = ofOne ? { login, realm, serials } : { realm: '', serials }
}

/** LinOTP's answer where a serial must exist. */
export const unknownSerial = (serial: string) =>
  refusal(1102, `No token with serial ${serial} found`)
