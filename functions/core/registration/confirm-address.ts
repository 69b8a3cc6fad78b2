import { type Account, type Token, typeOf } from '../account.ts'
import { evaluate } from '../answer-challenge.ts'
import { newTokenSerial, saltOf } from '../enrol-token.ts'
import { offersRegistration } from '../factors.ts'
import { loginPolicy, personOf } from '../login-policy.ts'
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
  const making = await missingToken(ports, account, proof, settings)
  if ('refused' in making) return refusedConfirm('bad_pin', making.refused)

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
  const { token, needsPin } = making
  const admit = (current: Account) =>
    isPending(current) && (token === undefined || !mailsCodes(current))
  const swapped = await swapAddress(ports, account, {
    ...{ address, method: by, admit, settled },
    ...(token ? { token } : {}),
  })
  if (!swapped) return refusedConfirm('gone')
  return { confirmed: true, address, reason, ...swapped, ...(needsPin ? { needsPin } : {}) }
}

const REASONS = {
  wrong: 'wrong',
  closed: 'closed',
  used: 'closed',
  unknown: 'gone',
  guess_budget: 'guess_budget',
} as const

const mailsCodes = ({ tokens }: Account) =>
  Object.values(tokens).some((one) => typeOf(one) === 'email')

type Making = { token?: Token; needsPin?: true } | { refused: string }

/** The token a person without one gets. Its codes go to their address, whatever that is then. */
async function missingToken(
  ports: Ports,
  account: Account,
  { pin = '', caller }: AddressProof,
  settings: Settings,
): Promise<Making> {
  if (mailsCodes(account)) return {}
  const { random, keyring } = ports
  const now = ports.now()
  const person = personOf(account, settings)
  const { otppin } = loginPolicy(settings, person, caller, now).login
  if (pin === '' && otppin.value === 'tokenpin') return { needsPin: true }
  if (pin !== '') {
    const { login = '', realm } = account
    const { clientIp: client, userAgent } = caller
    const { resolver } = person
    const actor = { role: 'user', name: login, realm, resolver, client } as const
    const refused = pinRefusal(pinRules(settings.policies, { ...actor, userAgent, now }), pin)
    if (refused) return { refused }
  }
  const serial = newTokenSerial(random)
  const {
    addedBy: _by,
    email: _email,
    ...made
  } = newPendingToken({ serial, email: '' }, settings, {
    random,
    now,
  })
  const token: Token = { ...made, rollout: 'enrolled' }
  if (pin === '') return { token }
  const hashed = await hashPin(await keyring.key('pin'), pin, random, saltOf(account))
  return { token: { ...token, pin: hashed } }
}
