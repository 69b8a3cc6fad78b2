/** Why a login would go the way it does: what applies to it, and what comes out. Reads only. */
import type { Account, Token } from './account.ts'
import type { Caller } from './caller.ts'
import { chooseProviders, type ProviderChoice } from './choose-providers.ts'
import { loginPolicy, type LoginPolicy, type Person, personOf } from './login-policy.ts'
import { type Explanation, explainPolicies } from './policy/explain.ts'
import { actionsInForce, type InForce } from './policy/in-force.ts'
import { asked } from './policy/login-context.ts'
import { SCOPES, type Scope } from './policy/policy.ts'
import type { Conflict, Rule } from './policy/rule.ts'
import type { Settings } from './settings.ts'

export type ExplainedLogin = {
  /** As policies see it. */
  who: Person & { known: boolean }
  policies: Explanation[]
  /** Actions in force by scope; scopes in which none is are left out. */
  actions: Partial<Record<Scope, InForce[]>>
  /** While there are any, nobody gets in. */
  conflicts: readonly Conflict[]
  authorized: Rule<string>
  /** What comes before the OTP. */
  firstFactor: Rule<string>
  /** Who mails the code, for each token or for any. */
  providers: ExplainedChoice[]
  subject: Source
  text: Source
  limits: Limits
}

/** `missing`: names that no provider has, which are passed over. */
export type ExplainedChoice = ProviderChoice & { serial?: string; missing?: readonly string[] }

/** Where words come from. */
export type Source = { from: string; policies: readonly string[]; conflict?: Conflict }

/** Seconds and counts; 0 mails: no limit. */
export type Limits = {
  validity_seconds: number
  concurrent_challenges: boolean
  resend_after_seconds: number
  mails_per_hour: number
  mails_per_day: number
  attempts_per_challenge: number
  wrong_answers_per_day: number
  wrong_answers_in_a_row: number
}

/** Whose login: an account, or a name that nobody has. */
export type Whose = { account: Account; serials?: readonly string[] } | { who: Person }

/** Scopes a login is asked about. */
const OF_LOGINS: readonly Scope[] = SCOPES.filter(
  (scope) => !['admin', 'audit', 'register', 'container', 'token'].includes(scope),
)

/** Explains the login of somebody from somewhere at a moment; with `scope`, policies of that alone. */
export function explainLogin(
  settings: Settings,
  whose: Whose,
  caller: Caller,
  now: number,
  scope?: Scope,
): ExplainedLogin {
  const known = 'account' in whose
  const person = known ? personOf(whose.account, settings) : whose.who
  const { clientIp: client, userAgent, application } = caller
  const context = { ...person, client, userAgent, application, now }
  const policy = loginPolicy(settings, person, caller, now)
  const providers = tokensOf(whose).map((token): ExplainedChoice => {
    const choice = chooseProviders(settings, context, token)
    const missing = choice.names.filter((name) => !settings.providers.has(name))
    const serial = token && { serial: token.serial }
    return { ...choice, ...serial, ...(missing.length > 0 ? { missing } : {}) }
  })
  const wanted = scope === undefined ? OF_LOGINS : [scope]
  const actions = wanted
    .map((each) => [each, actionsInForce(settings.policies, each, asked(context))] as const)
    .filter(([, inForce]) => inForce.length > 0)
  return {
    who: { ...person, known },
    policies: explainPolicies(settings.policies, { ...asked(context), scope }),
    actions: Object.fromEntries(actions),
    conflicts: policy.conflicts,
    authorized: policy.authorization.authorized,
    firstFactor: policy.login.otppin,
    providers,
    ...words(settings, policy, providers[0]),
    limits: limitsOf(settings, policy),
  }
}

function tokensOf(whose: Whose): (Token | undefined)[] {
  if (!('account' in whose)) return [undefined]
  const { account, serials = Object.keys(account.tokens) } = whose
  const tokens = serials.flatMap((serial) => account.tokens[serial] ?? [])
  return tokens.length > 0 ? tokens : [undefined]
}

/** A provider's own template goes before all; then policies, the provider and the settings. */
function words(settings: Settings, { login }: LoginPolicy, choice?: ProviderChoice) {
  const [name = ''] = choice?.names ?? []
  const provider = settings.providers.get(name)
  const template = provider?.template ? `the template of the provider ${name}` : undefined
  return {
    text: sourceOf(
      template,
      login.emailText,
      settings['email.text'] === '' ? undefined : 'email.text',
    ),
    subject: sourceOf(
      template,
      login.emailSubject,
      provider?.subject
        ? `the provider ${name}`
        : settings['email.subject'] === ''
          ? undefined
          : 'email.subject',
    ),
  }
}

function sourceOf(
  template: string | undefined,
  ruled: LoginPolicy['login']['emailText'],
  set: string | undefined,
): Source {
  if (template !== undefined) return { from: template, policies: [] }
  if ('conflict' in ruled) {
    return { from: 'nobody: no mail goes out', policies: ruled.conflict.policies, ...ruled }
  }
  if (ruled.value !== undefined) return { from: 'a policy', policies: ruled.policies }
  return { from: set ?? "Otpost's own words", policies: [] }
}

const limitsOf = (settings: Settings, { login }: LoginPolicy): Limits => ({
  validity_seconds: login.emailValidtime.value ?? settings['email.validtime'],
  concurrent_challenges: settings['email.concurrent_challenges'],
  resend_after_seconds: settings['email.resend_after'],
  mails_per_hour: settings['mail.per_hour'],
  mails_per_day: settings['mail.per_day'],
  attempts_per_challenge: settings['challenge.max_attempts'],
  wrong_answers_per_day: settings['account.max_wrong_per_day'],
  wrong_answers_in_a_row: settings['account.max_consecutive_wrong'],
})
