import type { Account } from '../core/account.ts'
import { type AddressEntry, admitAddress } from '../core/address/admit-address.ts'
import { type AddressRefusal, refusalText } from '../core/address/faults.ts'
import { mayRequest, withRequest } from '../core/registration/address-requests.ts'
import { lookAtAddress, type LookUpPorts } from '../core/registration/counted-look-up.ts'
import type { Settings } from '../core/settings.ts'
import { MalformedRequestError } from './errors.ts'
import type { HttpRequest } from './request.ts'

/** Whose address it is to be, and whose request names it. */
export type AddressOf = {
  account: Account
  request: HttpRequest
  /** The user types it: what DNS is asked counts as a request of theirs, refused or not. */
  isOwner?: boolean
}

/**
 * The address a parameter holds, as it is to be stored, if it may be. Throws a
 * {@link MalformedRequestError} that names the parameter and says what to do.
 */
export async function typedAddress(
  ports: LookUpPorts,
  name: string,
  text: string,
  { account, request: { clientIp, headers }, isOwner = false }: AddressOf,
): Promise<string> {
  const caller = { clientIp, userAgent: headers['user-agent'] }
  const settings = await ports.settings.current()
  const admitted = isOwner
    ? await countedAddress(ports, name, account, { text, caller, settings })
    : await admitAddress(ports, settings, text, { account, caller })
  if ('address' in admitted) return admitted.address
  throw refusedAddress(name, admitted)
}

async function countedAddress(
  ports: LookUpPorts,
  name: string,
  account: Account,
  { settings, ...typed }: { text: string; caller: AddressEntry['caller'] & {}; settings: Settings },
) {
  const look = await lookAtAddress<'limited'>(ports, account, {
    ...typed,
    note: (current) =>
      mayRequest(current, settings, ports.now())
        ? withRequest(current, settings, ports.now())
        : 'limited',
  })
  if ('looked' in look) return look.looked
  throw new MalformedRequestError(
    `${name} was not looked at: too many addresses were asked for within the hour. Try again later.`,
    name,
  )
}

/** The same for the profile of a user: empty removes it, and the one they have is no new one. */
export const profileAddress = async (
  ports: LookUpPorts,
  email: string,
  of: AddressOf,
): Promise<string | undefined> =>
  email && email !== of.account.email ? typedAddress(ports, 'email', email, of) : email || undefined

/** The refusal of an address as what is wrong with a parameter. */
const refusedAddress = (name: string, refusal: AddressRefusal) =>
  new MalformedRequestError(refusalText(name, refusal), name, refusal.refused.code)
