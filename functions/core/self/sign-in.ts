/** How somebody proves to the self-service who they are: by PIN and code, or to begin with by password. */
import type { Account } from '../account.ts'
import { admitLogin } from '../admit-login.ts'
import { type Attempt, authenticate, type Decided } from '../authenticate.ts'
import { type Caller, UNKNOWN_CALLER } from '../caller.ts'
import { evenly } from '../even-out.ts'
import { personOf } from '../login-policy.ts'
import { offersRegistration } from '../factors.ts'
import { type Outcome, rejected } from '../outcome.ts'
import { isPending } from '../pending-token.ts'
import { rights } from '../policy/rights.ts'
import type { Ports } from '../ports.ts'
import { isDisputed } from '../registration/former-addresses.ts'
import { remoteResolver } from '../remote-user.ts'
import type { Settings } from '../settings.ts'
import { sessionEpochOf } from '../session-epoch.ts'
import { checkPassword } from '../sign-in-user.ts'

/** PIN, or with its transaction_id the code. */
export type SelfAttempt = Pick<
  Attempt,
  'user' | 'realm' | 'who' | 'pass' | 'transactionId' | 'nonce' | 'caller'
>

/**
 * What came of one step; `serial` is the token that proved it, none for an activation. `epoch`: see
 * `SessionStart`.
 */
export type SelfStep =
  | { proven: true; account: Account; epoch: number; serial?: string; outcome?: Outcome }
  | { proven: false; outcome: Outcome }

/**
 * One step of a sign-in: a login by an e-mail token, with its limits, delays and policies, of which
 * no policy can spare the code. A user who has no token yet is let in by their password, where they
 * may register an address; that is proven without a serial.
 */
export async function signInStep(ports: Ports, attempt: SelfAttempt): Promise<SelfStep> {
  return (
    (attempt.transactionId ? undefined : await activation(ports, attempt)) ??
    (await proveFactors(ports, attempt))
  )
}

/** The same for somebody who is signed in already: PIN and code, whatever they began with. */
export async function proveFactors(ports: Ports, attempt: SelfAttempt): Promise<SelfStep> {
  const by = { type: 'email', typeBinds: true, purpose: 'self_service' } as const
  const outcome = await authenticate(ports, { ...attempt, ...by })
  switch (outcome.outcome) {
    case 'accepted':
      return provenBy(outcome, outcome)
    case 'asked':
      // a new PIN is what the self-service is for
      return outcome.what === 'new_pin' ? provenBy(outcome, outcome) : refused(outcome)
    case 'passed':
      return refused(
        outcome.account
          ? rejected('no_token', outcome.account, [])
          : { outcome: 'rejected', reason: 'unknown_user', serials: [] },
      )
    default:
      return refused(outcome)
  }
}

const refused = (outcome: Outcome): SelfStep => ({ proven: false, outcome })

function provenBy(outcome: Decided, { account, serial }: { account: Account; serial: string }) {
  return account.login === undefined
    ? refused(rejected('unknown', account, []))
    : ({ proven: true, account, epoch: outcome.epoch!, serial, outcome } as const)
}

/** Undefined: this is nobody who may begin with a password. */
async function activation(ports: Ports, attempt: SelfAttempt): Promise<SelfStep | undefined> {
  const caller = attempt.caller ?? UNKNOWN_CALLER
  const admission = await admitLogin(ports, attempt, caller)
  if (!('found' in admission)) return undefined
  const { account } = admission.found
  const settings = await ports.settings.current()
  if (!mayActivate(account, settings, caller, ports.now())) return undefined
  // one who is refused must not be told by the time from one who has a token, or from nobody
  const said = { typed: attempt.pass, user: account.login, combined: false }
  const outcome = await evenly<Outcome>(ports, said, async (watched) =>
    (await checkPassword(watched, account, attempt.pass, caller.clientIp))
      ? { outcome: 'passed', by: 'userstore', policies: [], account }
      : rejected('wrong_pin', account, []),
  )
  if (outcome.outcome === 'rejected') return refused(outcome)
  return { proven: true, account, epoch: sessionEpochOf(account) }
}

/**
 * A user with a password, kept here or in a directory elsewhere, and no token, to whom a policy gives
 * the right to enrol one.
 */
function mayActivate(account: Account, settings: Settings, caller: Caller, now: number): boolean {
  const { login, password, realm, tokens } = account
  if (login === undefined || !offersRegistration(settings)) return false
  if (!password && remoteResolver(account, settings) === undefined) return false
  if (!Object.values(tokens).every(isPending) || isDisputed(account)) return false
  const { resolver } = personOf(account, settings)
  const client = caller.clientIp
  const who = { role: 'user', name: login, realm, resolver, client, now } as const
  return rights(settings.policies, { ...who, userAgent: caller.userAgent }).allowed('enrollEMAIL')
}
