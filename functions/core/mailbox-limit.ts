/**
 * Mails to addresses that somebody typed and has not confirmed: however many accounts they are
 * asked for by, one mailbox gets no more of them than one account may have sent to it.
 */
import type { Account, OpenChallenge } from './account.ts'
import { addressKey, sameMailbox } from './address/address-key.ts'
import { addressOf } from './budget.ts'
import type { Challenge } from './challenge.ts'
import { hmacSha256 } from './hmac.ts'
import type { Ports } from './ports.ts'
import type { Settings } from './settings.ts'

type LimitPorts = Pick<Ports, 'challenges' | 'keyring' | 'now'>

/**
 * Counts one more mail to an address, if `mail.per_hour` and `mail.per_day` leave it one. One write,
 * and none for the account's own address: its user confirmed it or their directory gave it, so
 * nobody else may use up what it gets.
 */
export async function admitToMailbox(
  { challenges, keyring, now }: LimitPorts,
  { email }: Account,
  address: string,
  settings: Settings,
): Promise<boolean> {
  if (email !== undefined && sameMailbox(email, address)) return true
  const limits = { perHour: settings['mail.per_hour'], perDay: settings['mail.per_day'] }
  if (limits.perHour === 0 && limits.perDay === 0) return true
  return challenges.admitMail(mailboxName(await keyring.key('answer'), address), limits, now())
}

/** A name of the mailbox that nobody can try addresses against without the key. */
const mailboxName = (key: Uint8Array, address: string): string =>
  hmacSha256(key, JSON.stringify(['mailbox', addressKey(address)])).toString('base64url')

/** What codes are for that may go to an address which was only just typed. */
const TYPED: readonly OpenChallenge['purpose'][] = ['enrolment', 'login_enrolment', 'test']

/**
 * Whether the mailboxes of planned challenges take one more mail. Codes of logins are not looked at.
 * Asked again for the same addresses, it tells what it told.
 */
export function mailboxGate(
  ports: LimitPorts,
  settings: Settings,
  { purpose, dynamicAddress }: Pick<GateOptions, 'purpose' | 'dynamicAddress'>,
): (account: Account, challenges: readonly Challenge[]) => Promise<boolean> {
  const told = new Map<string, boolean>()
  return async (account, challenges) => {
    if (!TYPED.includes(purpose)) return true
    for (const { serial } of challenges) {
      const address = addressOf(account, account.tokens[serial]!, dynamicAddress)!
      const admitted =
        told.get(address) ?? (await admitToMailbox(ports, account, address, settings))
      told.set(address, admitted)
      if (!admitted) return false
    }
    return true
  }
}

type GateOptions = { purpose?: OpenChallenge['purpose']; dynamicAddress?: boolean }
