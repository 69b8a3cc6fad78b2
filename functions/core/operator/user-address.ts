/** The address of a user: asked for, vouched for, forgotten while pending, restored. */
import type { Account } from '../account.ts'
import { UNKNOWN_CALLER } from '../caller.ts'
import {
  type Placed,
  cancelAddress,
  requestAddress,
  restoreAddress,
  setAddress,
} from '../registration.ts'
import { addressView } from '../registration/address-view.ts'
import { readArguments } from './arguments.ts'
import { login, mailbox, optional, realm } from './fields.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done, refused, type Reply, tracing } from './reply.ts'
import { accountOf, noSuchUser, whoIs } from './subject.ts'

type Act = (ports: OperatorPorts, account: Account, address: string) => Promise<Reply>

const SUBJECT = { user: login, realm: optional(realm) }

/** A command about the address of one user; with `address` it takes one. */
const about =
  (act: Act, withAddress = false): Command =>
  async (ports, args) => {
    const shape = { ...SUBJECT, ...(withAddress ? { address: mailbox } : {}) }
    const given = readArguments(args, shape)
    const who = await whoIs(ports, given)
    const account = await accountOf(ports, who)
    return account ? act(ports, account, given.address ?? '') : noSuchUser(who)
  }

async function show(ports: OperatorPorts, account: Account): Promise<Reply> {
  const settings = await ports.settings.current()
  const { login: user, realm: ofRealm, email } = account
  return done({ user, realm: ofRealm, email, ...addressView(account, settings, ports.now()) })
}

async function placed(ports: OperatorPorts, result: Placed): Promise<Reply> {
  if (result.placed) return tracing(await show(ports, result.account), result.addresses)
  return result.reason === 'bad_address'
    ? refused('invalid_argument', result.message, 'address')
    : refused('conflict', result.message, 'user')
}

/** Email, whether it is proven, and what is pending. */
export const showAddress = about(show)

/** Has a code mailed to a new address, which the person then confirms. */
export const requestUserAddress = about(async (ports, account, address) => {
  const caller = UNKNOWN_CALLER
  const result = await requestAddress(ports, account, address, { by: 'admin', caller })
  if (result.requested) return show(ports, result.account)
  return result.reason === 'bad_address'
    ? refused('invalid_argument', result.message, 'address')
    : refused('conflict', result.message, 'user')
}, true)

/** Vouches for an address: it is in use at once. */
export const placeUserAddress = about(
  async (ports, account, address) => placed(ports, await setAddress(ports, account, address)),
  true,
)

/** Forgets the address that waits for its code. */
export const forgetUserAddress = about(async (ports, account) => {
  const cancelled = await cancelAddress(ports, account)
  if (!cancelled) return refused('conflict', 'No address is waiting for its code.', 'user')
  return show(ports, (await ports.accounts.get(account.key)) ?? account)
})

/** Back to the address before, and what a dispute disabled can be used again. */
export const restoreUserAddress = about(async (ports, account) =>
  placed(ports, await restoreAddress(ports, account)),
)
