import { resolverOf } from '../../core/directory.ts'
import type { HeldToken } from '../../core/list-tokens.ts'
import type { Settings } from '../../core/settings.ts'
import { infoOf } from '../../core/token-info.ts'

export type TokenView = ReturnType<typeof tokenView>

/** A token as lists show it. Its secret and PIN are in nobody's list. */
export function tokenView({ token, account }: HeldToken, id: number, settings: Settings) {
  const owned = account.login !== undefined
  return {
    active: token.enabled,
    container_serial: '',
    count: token.counter,
    count_window: 10,
    description: token.description,
    failcount: token.failcount,
    id,
    info: infoOf(account, token),
    locked: token.revoked,
    maxfail: token.maxFailcount,
    otplen: token.digits,
    realms: owned ? [account.realm] : [],
    resolver: owned ? resolverOf(account, settings) : '',
    revoked: token.revoked,
    rollout_state: token.rollout,
    serial: token.serial,
    sync_window: 1000,
    tokengroup: [] as string[],
    tokentype: token.type ?? 'email',
    ...(owned ? { user_editable: false } : {}),
    user_id: account.login ?? '',
    user_realm: account.realm,
    username: account.login ?? '',
  }
}
