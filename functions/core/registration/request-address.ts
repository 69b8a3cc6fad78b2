import type { Account, PendingAddress } from '../account.ts'
import type { AdmittedAddress } from '../address/admit-address.ts'
import { sameMailbox } from '../address/address-key.ts'
import { awaitDelivery } from '../await-delivery.ts'
import {
  attemptsOf,
  freeGuesses,
  mailAllowed,
  outOfGuesses,
  unsettledChallenges,
  withMail,
} from '../budget.ts'
import type { Challenge } from '../challenge.ts'
import { changeAccount } from '../change-account.ts'
import { offersRegistration } from '../factors.ts'
import { mailDigest } from '../mail-digest.ts'
import { admitToMailbox } from '../mailbox-limit.ts'
import { origin } from '../plan-challenges.ts'
import type {
  AddressRequest,
  Requested,
  RegistrationPorts,
  RequestRefusal,
} from '../registration.ts'
import { derivedSecret } from '../seal.ts'
import type { Settings } from '../settings.ts'
import { newTransactionId } from '../transaction-id.ts'
import { queued } from '../trigger-challenge.ts'
import { mayRequest, withRequest } from './address-requests.ts'
import { PENDING } from './code-serials.ts'
import { lookAtAddress } from './counted-look-up.ts'
import { formerAddresses, isDisputed, MOST_FORMER } from './former-addresses.ts'
import { isKeptElsewhere } from './kept-elsewhere.ts'
import { cancelAddress, reasonOf, type Settled, withoutPending } from './pending-address.ts'
import { refusedRequest } from './refusals.ts'

/**
 * Notes an address as pending and has a code mailed to it that is good for nothing but
 * `confirmAddress`. The address in use stays in use. A second request takes the place of the first,
 * whose code dies. Waits for a fast failure of the mail as a login does; nothing is pending then.
 */
export async function requestAddress(
  ports: RegistrationPorts,
  found: Account,
  text: string,
  request: AddressRequest,
): Promise<Requested> {
  const settings = await ports.settings.current()
  const early = refusal(found, settings, ports.now())
  if (early) return refusedRequest(early)
  const look = await lookAtAddress<RequestRefusal>(ports, found, {
    ...{ text, caller: request.caller },
    note(current) {
      const now = ports.now()
      return refusal(current, settings, now) ?? withRequest(current, settings, now)
    },
  })
  if ('reason' in look) return refusedRequest(look.reason === 'gone' ? 'unknown_user' : look.reason)
  const { looked: admitted, account, counted } = look
  if ('refused' in admitted) {
    const { code, message } = admitted.refused
    return { ...refusedRequest('bad_address', message), fault: code }
  }
  const late = refusalOf(account, admitted, settings, ports.now())
  if (late) return refusedRequest(late)
  if (!(await admitToMailbox(ports, account, admitted.address, settings))) {
    return refusedRequest('mail_limit')
  }
  const made = {
    transactionId: newTransactionId(ports.random),
    secret: derivedSecret(ports.random),
  }
  const replaced = await closeReplaced(ports, account)
  const planned = await changeAccount<Plan | RequestRefusal>(ports, account, (current) => {
    const now = ports.now()
    const reason =
      refusal(current, settings, now, counted) ?? refusalOf(current, admitted, settings, now)
    if (reason) return { result: reason }
    const asking = counted ? current : withRequest(current, settings, now)
    const plan = planAddress(asking, admitted, { ...made, ...request, settings, now, replaced })
    return { after: plan.account, result: plan }
  })
  if (planned === undefined || typeof planned === 'string') {
    return refusedRequest(planned ?? 'unknown_user')
  }
  return mailed(ports, planned, settings)
}

/** What speaks against any address; asked before anybody's name server is. */
function refusal(
  account: Account,
  settings: Settings,
  now: number,
  counted = false,
): RequestRefusal | undefined {
  if (account.login === undefined) return 'unknown_user'
  if (!offersRegistration(settings)) return 'registration_off'
  if (isDisputed(account)) return 'disputed'
  if (!counted && !mayRequest(account, settings, now)) return 'limited'
  if (formerAddresses(account, now).length >= MOST_FORMER) return 'limited'
  return undefined
}

/** What speaks against this one. */
function refusalOf(
  account: Account,
  { address }: AdmittedAddress,
  settings: Settings,
  now: number,
): RequestRefusal | undefined {
  const { email, emailVerified } = account
  if (emailVerified && email !== undefined && sameMailbox(email, address)) return 'same_address'
  if (isKeptElsewhere(account, address, settings)) return 'kept_elsewhere'
  if (!mailAllowed(account, address, settings, now)) return 'mail_limit'
  if (outOfGuesses(account, settings) || freeGuesses(account, settings, now) === 0) {
    return 'guess_budget'
  }
  return undefined
}

/** Ends the challenge before, so that it need not keep guesses reserved which a login may want. */
async function closeReplaced(
  { challenges, now }: RegistrationPorts,
  { pending }: Account,
): Promise<Settled | undefined> {
  if (!pending || pending.expiresAt <= now()) return undefined
  const { transactionId } = pending
  await challenges.close(transactionId, PENDING)
  const attempts = (await challenges.get(transactionId, PENDING))?.attempts ?? 0
  return { transactionId, attempts }
}

type Plan = { account: Account; pending: PendingAddress; challenge: Challenge }

type Making = AddressRequest & {
  transactionId: string
  secret: string
  settings: Settings
  now: number
  replaced: Settled | undefined
}

function planAddress(current: Account, { address }: AdmittedAddress, making: Making): Plan {
  const { transactionId, secret, settings, now, by, caller, replaced } = making
  const expiresAt = now + settings['registration.validtime'] * 1000
  const open = unsettledChallenges(withoutPending(current, replaced), now)
    // a write of ours whose reply was lost is decided anew
    .filter((one) => one.transactionId !== transactionId)
  const free = freeGuesses({ ...current, open }, settings, now)
  const attempts = attemptsOf(free, settings['challenge.max_attempts'])
  const pending: PendingAddress = {
    address,
    transactionId,
    reason: reasonOf(current),
    by,
    secret,
    digits: settings['otp.length'],
    algorithm: settings['hotp.hashlib'],
    createdAt: now,
    expiresAt,
  }
  const asked = { createdAt: now, ...origin(settings, { caller }) }
  const noted = { transactionId, serial: PENDING, counter: COUNTER, expiresAt, attempts }
  const account: Account = {
    ...current,
    pending,
    open: [...open, { ...noted, purpose: 'address', mail: mailDigest(asked) }],
    mails: withMail(current, address, settings, now),
  }
  const challenge: Challenge = {
    ...{ transactionId, serial: PENDING, account: current.key, counter: COUNTER },
    ...{ expiresAt, maxAttempts: attempts, attempts: 0 },
    ...{ guessMac: '-', guessedBy: '-', delivery: 'queued' },
    ...asked,
  }
  return { account, pending, challenge }
}

/** A pending address has a secret of its own, and one code of it is ever mailed. */
const COUNTER = 1

async function mailed(
  ports: RegistrationPorts,
  { account, pending, challenge }: Plan,
  settings: Settings,
): Promise<Requested> {
  if (await queued(ports, account, [challenge])) {
    const patience = settings['email.delivery_wait'] * 1000
    const [seen] = await awaitDelivery(ports, [challenge], patience)
    if (seen?.delivery !== 'failed') return { requested: true, account, pending }
  }
  await cancelAddress(ports, account, pending.transactionId)
  return refusedRequest('mail_failed')
}
