import type { Account } from './account.ts'
import { autoEnrol, type TokenlessLogin } from './auto-enrol.ts'
import { type Outcome, rejected } from './outcome.ts'
import type { Ports } from './ports.ts'
import { isDisputed } from './registration/former-addresses.ts'
import { remoteResolver } from './remote-user.ts'
import { checkPassword } from './sign-in-user.ts'

/**
 * A login of a user who has no token at all: policies may give them one, or let them in. Where one is
 * to be given, the others hold only if none ever can be: whoever can keep the code from going out could
 * otherwise log in by the password alone.
 *
 * @param answers it answers a transaction, so its text is no password
 * @param enrols it is a login, and not something else that asks for a code
 */
export async function withoutToken(
  ports: Ports,
  account: Account,
  login: TokenlessLogin & { answers: boolean; enrols: boolean },
): Promise<Outcome> {
  if (isDisputed(account)) return rejected('no_token', account, [])
  const { passOnNoToken, passthru } = login.policy.login
  const { typed, caller, answers, enrols } = login
  const settings = await ports.settings.current()
  const hasPassword = account.password ?? remoteResolver(account, settings) !== undefined
  const asksPassword = hasPassword && !answers
  const enrolment =
    asksPassword && enrols && settings.policies.length > 0
      ? await autoEnrol(ports, account, login)
      : undefined
  if (enrolment && 'outcome' in enrolment) return enrolment.outcome

  if (passOnNoToken.value) {
    return { outcome: 'passed', by: 'no_token', policies: passOnNoToken.policies, account }
  }
  if (passthru.value !== 'userstore' || !asksPassword) {
    return enrolment?.impossible ?? rejected('no_token', account, [])
  }
  // looked at and counted once
  const right =
    enrolment !== undefined || (await checkPassword(ports, account, typed, caller.clientIp))
  return right
    ? { outcome: 'passed', by: 'userstore', policies: passthru.policies, account }
    : rejected('no_token', account, [])
}
