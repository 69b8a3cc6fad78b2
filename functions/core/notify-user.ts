/** Tells people what was done to their tokens, where policies of the scope `notification` want it. */
import type { Account } from './account.ts'
import { noticeAllowed, withNotice } from './budget.ts'
import type { Caller } from './caller.ts'
import { changeAccount } from './change-account.ts'
import type { Challenge } from './challenge.ts'
import { personOf } from './login-policy.ts'
import { type NoticeEvent, notificationRule } from './policy/notification-rules.ts'
import type { Ports } from './ports.ts'
import { NOTICE } from './registration/code-serials.ts'
import { currentAddress } from './registration/current-address.ts'
import type { Settings } from './settings.ts'
import { DAY } from './spans.ts'
import { newTransactionId } from './transaction-id.ts'
import { queued } from './trigger-challenge.ts'
import { undeliverable } from './undeliverable.ts'

/** What was done, to which tokens, and by whom. */
export type Notice = {
  event: NoticeEvent
  serials: readonly string[]
  /** Policies depend on it, and the language of who has not chosen one. */
  caller: Caller
}

/**
 * Has `deliver` tell a user of it at their stored address. It carries no code, no PIN and no
 * secret. The act is done by now, so nothing here undoes or fails it: what keeps a notice from going
 * out is in the log.
 */
export async function notifyUser(ports: Ports, account: Account, notice: Notice): Promise<void> {
  try {
    const settings = await ports.settings.current()
    if (account.login === undefined || notice.serials.length === 0) return
    const providers = providersOf(ports, settings, account, notice)
    if (providers === undefined) return
    const kept = await changeAccount<string | undefined>(ports, account, (current) => {
      const reason = refusal(current, settings, ports.now())
      if (reason !== undefined) return { result: reason }
      const mails = withNotice(current, currentAddress(current)!, settings, ports.now())
      return { after: { ...current, mails }, result: undefined }
    })
    if (kept !== undefined) return dropped(ports, account, notice, kept)
    await queued(ports, account, [challengeOf(ports, account, notice, providers)])
  } catch (error) {
    ports.log('error', 'notice not queued', { ...about(account, notice), error })
  }
}

/** Who is to send it: empty means who sends without a policy. Undefined: nobody. */
function providersOf(
  ports: Ports,
  settings: Settings,
  account: Account,
  notice: Notice,
): readonly string[] | undefined {
  if (settings.policies.length === 0) return undefined
  const { clientIp: client, userAgent, application } = notice.caller
  const who = { ...personOf(account, settings), client, userAgent, application, now: ports.now() }
  const rule = notificationRule(settings.policies, who, notice.event)
  if ('conflict' in rule) {
    const { policies } = rule.conflict
    dropped(ports, account, notice, `${policies.join(' and ')} contradict each other`)
    return undefined
  }
  const missing = rule.value?.filter((name) => !settings.providers.has(name)) ?? []
  if (missing.length > 0) {
    const fallback = missing.length === rule.value!.length ? 'the default sends the notice' : ''
    const lost = { missing, policies: rule.policies, ...(fallback ? { fallback } : {}) }
    ports.log('warn', 'no such provider', { ...about(account, notice), ...lost })
  }
  return rule.value
}

function refusal(account: Account, settings: Settings, now: number): string | undefined {
  const address = currentAddress(account)
  if (address === undefined) return 'user does not have an email'
  if (undeliverable(account, address)) return 'undeliverable'
  return noticeAllowed(account, address, settings, now) ? undefined : 'mail_limit'
}

/** A challenge that nobody can answer: claimed once, sent once, expiring by itself. */
const challengeOf = (
  { random, now }: Ports,
  { key }: Account,
  { event, serials, caller: { language } }: Notice,
  providers: readonly string[],
): Challenge => ({
  ...{ transactionId: newTransactionId(random), serial: NOTICE, account: key, counter: 0 },
  ...{ createdAt: now(), expiresAt: now() + DAY, maxAttempts: 1, attempts: 0 },
  ...{ guessMac: '-', guessedBy: '-', delivery: 'queued' },
  ...(language ? { language: language.slice(0, 128) } : {}),
  notice: { event, serials: [...serials], providers: [...providers] },
})

const about = ({ login: user, realm }: Account, { event, serials }: Notice) => ({
  ...{ user, realm, event, serials },
})

function dropped({ log }: Ports, account: Account, notice: Notice, reason: string): void {
  const { login: user, realm } = account
  const line = { record: 'delivery', state: 'dropped', serial: NOTICE, user, realm }
  log('warn', 'notice not sent', { ...line, event: notice.event, reason })
}
