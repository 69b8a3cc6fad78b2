import type { Account, Token } from '../account.ts'
import { changeAccount } from '../change-account.ts'
import type { GuessResult } from '../challenge.ts'
import type { Ports } from '../ports.ts'
import type { Disputed } from '../registration.ts'
import { answerMac, challengeSeal } from '../seal.ts'
import { withoutSessions } from '../session-epoch.ts'
import { withoutLogins } from '../supersede.ts'
import { FORMER } from './code-serials.ts'
import { formerAddresses, typedDisputeCode } from './former-addresses.ts'
import { withoutPending } from './pending-address.ts'

/** What {@link disputeChange} leaves in a token's info, so that `restoreAddress` can undo it. */
export const DISABLED_BY = { name: 'disabled_by', value: 'address_disputed' } as const

/**
 * "It wasn't me", by the code of the notice to an address before: nobody logs in by a token of the
 * account any more until an administrator has restored it. It gives no access, changes no address,
 * and can be said once.
 *
 * @param reference of the notice
 * @param code of the notice, as it was typed
 */
export async function disputeChange(
  ports: Ports,
  reference: string,
  code: string,
  nonce: string,
): Promise<Disputed> {
  const key = await ports.keyring.key('answer')
  const id = { transactionId: reference, serial: FORMER }
  const guessMac = answerMac(key, id, typedDisputeCode(code))
  const notice = await ports.challenges.get(reference, FORMER)
  // the same calls whether or not there is such a notice
  const seal = challengeSeal(key, { ...NOWHERE, ...notice, ...id }, guessMac)
  const result = await ports.challenges.guess({ ...id, guessMac, seal, nonce, now: ports.now() })
  if (!notice || !SAID.includes(result)) return { disputed: false }
  const account = await ports.accounts.get(notice.account)
  const after =
    account && (await changeAccount(ports, account, (now) => decide(now, reference, ports.now())))
  if (!after) return { disputed: false }
  const { login: user, realm } = after
  ports.log('error', 'address_disputed', { user, realm, reference })
  return { disputed: true, account: after }
}

/** Stands for a notice that there is none of. */
const NOWHERE = { account: '', counter: 0, expiresAt: 0 }

/** Said again after a fault in between, the same code ends what it began. */
const SAID: readonly GuessResult[] = ['accepted', 'replayed']

function decide(current: Account, reference: string, now: number) {
  const former = formerAddresses(current, now)
  const meant = former.find((one) => one.reference === reference)
  if (!meant || meant.disputedAt !== undefined) return { result: undefined }
  const { steps: _steps, ...rest } = withoutSessions(withoutPending(current))
  const after: Account = {
    ...rest,
    tokens: Object.fromEntries(
      Object.entries(rest.tokens).map(([serial, one]) => [serial, disabled(one)]),
    ),
    open: withoutLogins(rest.open),
    former: former.map((one) => (one === meant ? { ...one, disputedAt: now } : one)),
  }
  return { after, result: after }
}

const disabled = (token: Token): Token =>
  token.enabled
    ? { ...token, enabled: false, info: { ...token.info, [DISABLED_BY.name]: DISABLED_BY.value } }
    : token
