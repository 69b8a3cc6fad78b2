import type { HeldToken } from '../../core/list-tokens.ts'

/** A token as lists show it. Its secret and PIN are in nobody's list. */
export function tokenView({ token, account }: HeldToken, index: number): object {
  const owned = account.login !== undefined
  return {
    active: token.enabled,
    container_serial: '',
    count: token.counter,
    count_window: 10,
    description: token.description,
    failcount: token.failcount,
    id: index + 1,
    info: {
      ...(token.email ? { email: token.email } : { dynamic_email: 'True' }),
      creation_date: isoSeconds(token.createdAt),
      hashlib: token.algorithm,
      tokenkind: 'software',
    },
    locked: token.revoked,
    maxfail: token.maxFailcount,
    otplen: token.digits,
    realms: owned ? [account.realm] : [],
    resolver: owned ? 'directory' : '',
    revoked: token.revoked,
    rollout_state: token.rollout,
    serial: token.serial,
    sync_window: 1000,
    tokengroup: [],
    tokentype: 'email',
    user_editable: false,
    user_id: account.login ?? '',
    user_realm: account.realm,
    username: account.login ?? '',
  }
}

const isoSeconds = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
