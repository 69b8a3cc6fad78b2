/** Whom a login is about, by which rules it goes, and whether it may go on at all. */
import type { Account } from './account.ts'
import { identified } from './application.ts'
import type { Caller } from './caller.ts'
import { findAccount, type Found, type Subject, whoOf } from './find-account.ts'
import { loginPolicy, type LoginPolicy, type Person, personOf } from './login-policy.ts'
import { type Outcome, rejected, type Rejected } from './outcome.ts'
import type { Ports } from './ports.ts'
import { asKnownNow } from './remote-user.ts'
import type { Settings } from './settings.ts'

/** `caller`: as policies see it. */
export type Admission = { policy: LoginPolicy; caller: Caller } & (
  { found: Extract<Found, { found: true }> } | { outcome: Outcome }
)

/** A user, or the owner of a token. */
export type Whom = Pick<Account, 'login' | 'realm' | 'resolver'>

/** Refuses what policies forbid before anything else is looked at, counted or mailed. */
export async function admitLogin(
  ports: Ports,
  asked: Subject & { transactionId?: string | undefined },
  asking: Caller,
): Promise<Admission> {
  const settings = await ports.settings.current()
  const caller = await identified(settings.policies, asking)
  const subject = inRealmOfPolicy(settings, asked, caller, ports.now())
  // who answers a challenge has been looked for when it was made
  const named = await findAccount(ports, subject)
  const found = asked.transactionId ? named : await foundNow(ports, named, settings)
  const person = found.found ? personOf(found.account, settings) : personNamed(found)
  const policy = loginPolicy(settings, person, caller, ports.now())

  const forbidden = await refusal(policy, caller)
  const by = { policy, caller }
  if (forbidden) return { ...by, outcome: refusedTo(found, forbidden) }
  if (!found.found) return { ...by, outcome: unknown(found, policy) }
  if (policy.authorization.authorized.value === 'deny_access') {
    return { ...by, outcome: rejected('not_authorized', found.account, found.serials) }
  }
  return { ...by, found }
}

/** A user who has left the directory they were found in is unknown, whatever tokens are left. */
async function foundNow(ports: Ports, found: Found, settings: Settings): Promise<Found> {
  if (!found.found) return found
  const account = await asKnownNow(ports, found.account, settings)
  if (account) return { ...found, account }
  const { login = '', realm } = found.account
  return { found: false, reason: 'unknown_user', login, realm }
}

/** Whom it turned out to be about, as far as that is known. */
export function whomOf(admission: Admission): Whom | undefined {
  if ('found' in admission) return admission.found.account
  const { outcome } = admission
  return outcome.account ?? ('subject' in outcome ? outcome.subject : undefined)
}

/** As {@link admitLogin}, for an account that is known already. */
export async function admitAccount(
  ports: Ports,
  account: Account,
  asking: Caller,
): Promise<{ policy: LoginPolicy; caller: Caller; outcome?: Outcome }> {
  const settings = await ports.settings.current()
  const caller = await identified(settings.policies, asking)
  const policy = loginPolicy(settings, personOf(account, settings), caller, ports.now())
  const forbidden = await refusal(policy, caller)
  if (forbidden) return { policy, caller, outcome: { ...REFUSED, account, ...forbidden } }
  return policy.authorization.authorized.value === 'deny_access'
    ? { policy, caller, outcome: rejected('not_authorized', account, []) }
    : { policy, caller }
}

/** The subject in the realm that a policy looks for it, whatever the request says. */
function inRealmOfPolicy(
  settings: Settings,
  subject: Subject,
  caller: Caller,
  now: number,
): Subject {
  const who = whoOf(subject, settings)
  if (settings.policies.length === 0 || !who) return subject
  const realm = loginPolicy(settings, who, caller, now).login.setRealm.value
  return { ...subject, who: realm === undefined ? who : { login: who.login, realm } }
}

const personNamed = (found: Extract<Found, { found: false }>): Person =>
  'login' in found ? found : { realm: '' }

type Refusal = Pick<Rejected, 'reason' | 'message'>

async function refusal(policy: LoginPolicy, caller: Caller): Promise<Refusal | undefined> {
  const [conflict] = policy.conflicts
  if (conflict) {
    const message = `There are conflicting policies for ${conflict.action}.`
    return { reason: 'policy_conflict', message }
  }
  if (!policy.authorization.apiKeyRequired.value) return undefined
  const key = await caller.apiKey?.()
  return key === undefined ? { reason: 'no_api_key' } : undefined
}

const REFUSED = { outcome: 'rejected' as const, serials: [] as string[] }

const refusedTo = (found: Found, refused: Refusal): Rejected => ({
  ...REFUSED,
  ...(found.found ? { account: found.account } : {}),
  ...refused,
})

function unknown(
  found: Extract<Found, { found: false }>,
  { login, authorization }: LoginPolicy,
): Outcome {
  const isAuthorized = authorization.authorized.value !== 'deny_access'
  if (found.reason === 'unknown_user' && login.passOnNoUser.value && isAuthorized) {
    return { outcome: 'passed', by: 'no_user', policies: login.passOnNoUser.policies }
  }
  const subject = 'login' in found ? { login: found.login, realm: found.realm } : undefined
  return { outcome: 'rejected', reason: found.reason, serials: [], ...(subject ? { subject } : {}) }
}
