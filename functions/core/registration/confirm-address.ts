import { type Account, type Token, typeOf } from '../account.ts'
import { evaluate } from '../answer-challenge.ts'
import { newTokenSerial, saltOf } from '../enrol-token.ts'
import { offersRegistration } from '../factors.ts'
import { loginPolicy, personOf } from '../login-policy.ts'
import { notifyUser } from '../notify-user.ts'
import { newPendingToken } from '../pending-token.ts'
import { hashPin } from '../pin.ts'
import { pinRefusal, pinRules } from '../policy/pin-rules.ts'
import type { Ports } from '../ports.ts'
import type { AddressProof, Confirmed } from '../registration.ts'
import type { Settings } from '../settings.ts'
import { PENDING } from './code-serials.ts'
import { isDisputed } from './former-addresses.ts'
import { pendingAddress } from './pending-address.ts'
import { refusedConfirm } from './refusals.ts'
import { swapAddress } from './swap-address.ts'

/**
 * The code from the new mailbox: the address takes its place, at once for everything. A person
 * without a token that mails codes gets one; where their rules ask for a token's PIN, only with one.
 *
 * The right code is evaluated once. Should a fault come between that and the change, the same code
 * ends what it began: the change itself can happen once only.
 */
export async function confirmAddress(
  ports: Ports,
  account: Account,
  proof: AddressProof,
): Promise<Confirmed> {
  const { transactionId, code, nonce } = proof
  const settings = await ports.settings.current()
  const isPending = (current: Account) =>
    pendingAddress(current, ports.now())?.transactionId === transactionId && !isDisputed(current)
  if (isDisputed(account)) return refusedConfirm('disputed')
  if (!isPending(account)) return refusedConfirm('gone')
  if (!offersRegistration(settings)) return refusedConfirm('registration_off')
  const missing = missingToken(account, proof, settings, ports.now())
  if (typeof missing === 'object') return refusedConfirm('bad_pin', missing.refused)

  const { address, reason, by } = account.pending!
  const entries = account.open.filter(
    (one) => one.transactionId === transactionId && one.serial === PENDING,
  )
  const answer = await evaluate(ports, account, entries, code, nonce)
  if (!answer.accepted && answer.reason !== 'replayed') {
    if (answer.charge) await ports.accounts.charge(account.key, { ...answer.charge, serials: [] })
    return refusedConfirm(REASONS[answer.reason])
  }
  const guesses = (await ports.challenges.get(transactionId, PENDING))?.attempts ?? 1
  const settled = { transactionId, attempts: Math.max(0, guesses - 1) }
  // only now: a PIN is hashed for who has the code, and not for who guesses
  const token =
    missing === 'makes' ? await newToken(ports, account, proof.pin, settings) : undefined
  const admit = (current: Account) =>
    isPending(current) && (token === undefined || !mailsCodes(current))
  const swapped = await swapAddress(ports, account, {
    ...{ address, method: by, admit, settled },
    ...(token ? { token } : {}),
  })
  if (!swapped) return refusedConfirm('gone')
  const serials = swapped.serial === undefined ? [] : [swapped.serial]
  await notifyUser(ports, swapped.account, { event: 'enrollment', serials, caller: proof.caller })
  const needsPin = missing === 'needs_pin' ? { needsPin: true as const } : {}
  return { confirmed: true, address, reason, ...swapped, ...needsPin }
}

const REASONS = {
  wrong: 'wrong',
  altered: 'wrong',
  closed: 'closed',
  used: 'closed',
  unknown: 'gone',
  guess_budget: 'guess_budget',
} as const

const mailsCodes = ({ tokens }: Account) =>
  Object.values(tokens).some((one) => typeOf(one) === 'email')

/** What becomes of a person who has no token that mails codes; `undefined`: they have one. */
type Missing = 'makes' | 'needs_pin' | { refused: string } | undefined

function missingToken(
  account: Account,
  { pin = '', caller }: AddressProof,
  settings: Settings,
  now: number,
): Missing {
  if (mailsCodes(account)) return undefined
  const person = personOf(account, settings)
  if (pin === '') {
    const { otppin } = loginPolicy(settings, person, caller, now).login
    return otppin.value === 'tokenpin' ? 'needs_pin' : 'makes'
  }
  const { login = '', realm } = account
  const { clientIp: client, userAgent } = caller
  const { resolver } = person
  const actor = { role: 'user', name: login, realm, resolver, client } as const
  const refused = pinRefusal(pinRules(settings.policies, { ...actor, userAgent, now }), pin)
  return refused ? { refused } : 'makes'
}

/** Its codes go to the address of its user, whatever that is then. */
async function newToken(
  { random, keyring, now }: Ports,
  account: Account,
  pin = '',
  settings: Settings,
): Promise<Token> {
  const serial = newTokenSerial(random)
  const made = newPendingToken({ serial, email: '' }, settings, { random, now: now() })
  const { addedBy: _by, email: _email, ...rest } = made
  const token: Token = { ...rest, rollout: 'enrolled' }
  if (pin === '') return token
  return { ...token, pin: await hashPin(await keyring.key('pin'), pin, random, saltOf(account)) }
}
