/** A token as LinOTP writes it. */
import type { Account, Token } from '../../core/account.ts'
import { typeOf } from '../../core/account.ts'
import { resolverOf } from '../../core/directory.ts'
import type { HeldToken } from '../../core/list-tokens.ts'
import { infoOf, readMoment } from '../../core/token-info.ts'
import type { Settings } from '../../core/settings.ts'

export type TokenView = ReturnType<typeof tokenView>

/** A token as lists show it. Its secret and PIN are in nobody's list. */
export function tokenView({ token, account }: HeldToken, id: number, settings: Settings) {
  const owned = account.login !== undefined
  const resolver = owned ? resolverOf(account, settings) : ''
  return {
    'LinOtp.TokenId': id,
    'LinOtp.TokenDesc': token.description,
    'LinOtp.TokenSerialnumber': token.serial,
    'LinOtp.TokenType': typeOf(token),
    'LinOtp.TokenInfo': JSON.stringify(infoView(account, token)),
    'LinOtp.IdResolver': resolver,
    'LinOtp.IdResClass': resolver,
    'LinOtp.Userid': account.login ?? '',
    'LinOtp.OtpLen': token.digits,
    'LinOtp.MaxFail': token.maxFailcount,
    'LinOtp.Isactive': token.enabled,
    'LinOtp.FailCount': token.failcount,
    'LinOtp.Count': token.counter,
    'LinOtp.CountWindow': 10,
    'LinOtp.SyncWindow': 1000,
    'LinOtp.CreationDate': seconds(token.createdAt),
    'LinOtp.LastAuthSuccess': token.lastAuth === undefined ? '' : seconds(token.lastAuth),
    'LinOtp.LastAuthMatch': '',
    'LinOtp.RealmNames': owned ? [account.realm] : [],
  }
}

/** Notes under LinOTP's names. */
function infoView(account: Account, token: Token): Record<string, string> {
  const { email, dynamic_email: _dynamic, tokenkind: _kind, ...notes } = infoOf(account, token)
  const { validity_period_start: _start, validity_period_end: _end, ...others } = notes
  const info = {
    ...others,
    email_address: email ?? (typeOf(token) === 'email' ? account.email : undefined),
    validity_period_start: token.validFrom === undefined ? undefined : validity(token.validFrom),
    validity_period_end: token.validUntil === undefined ? undefined : validity(token.validUntil),
  }
  const told = Object.entries(info).filter(([, note]) => note !== undefined)
  return Object.fromEntries(told) as Record<string, string>
}

/** What `tokeninfo_format=json` wants: an object, with dates in ISO 8601. */
export function infoObject({ token, account }: HeldToken): Record<string, string> {
  const info = infoView(account, token)
  const { validFrom, validUntil } = token
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, 19)
  return {
    ...info,
    ...(validFrom === undefined ? {} : { validity_period_start: iso(validFrom) }),
    ...(validUntil === undefined ? {} : { validity_period_end: iso(validUntil) }),
  }
}

/** `2026-11-21 12:00:00`, UTC. */
export const seconds = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')

/** `31/01/26 08:00`, UTC. */
function validity(ms: number): string {
  const [date = '', time = ''] = seconds(ms).split(' ')
  return `${date.slice(2).split('-').reverse().join('/')} ${time.slice(0, 5)}`
}

/** Unix milliseconds of `31/01/26 08:00` (UTC) or of a moment with its zone; undefined: neither. */
export function readValidity(text: string): number | 'unlimited' | undefined {
  if (text.toLowerCase() === 'unlimited') return 'unlimited'
  const [, day, month, year, time] = /^(\d\d)\/(\d\d)\/(\d\d) (\d\d:\d\d)$/.exec(text) ?? []
  if (day === undefined) return readMoment(text)
  const ms = Date.parse(`20${year}-${month}-${day}T${time}:00Z`)
  return Number.isNaN(ms) || validity(ms) !== text ? undefined : ms
}
