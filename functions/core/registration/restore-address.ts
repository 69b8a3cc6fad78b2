import type { Account, FormerAddress, Token } from '../account.ts'
import { changeAccount } from '../change-account.ts'
import type { Ports } from '../ports.ts'
import type { Placed } from '../registration.ts'
import { withoutSessions } from '../session-epoch.ts'
import { withoutLogins } from '../supersede.ts'
import { addressTraces } from './address-trace.ts'
import { currentAddress, followed } from './current-address.ts'
import { DISABLED_BY } from './dispute-change.ts'
import { withoutPending } from './pending-address.ts'
import { withFormer } from './swap-address.ts'

/**
 * Undoes changes of the address, by an administrator: back to the one that was disputed first, or
 * else to the one before. What the dispute disabled can be used again; open codes and sessions end.
 */
export async function restoreAddress(
  ports: Pick<Ports, 'accounts' | 'random' | 'sleep' | 'keyring' | 'settings' | 'now'>,
  account: Account,
): Promise<Placed> {
  let replaced: string | undefined
  const restored = await changeAccount<Account | 'nothing'>(ports, account, (current) => {
    const former = current.former ?? []
    const meant = former.find(({ disputedAt }) => disputedAt !== undefined) ?? former.at(-1)
    if (!meant) return { result: 'nothing' }
    const restored = withoutSessions(restoredTo(current, meant))
    const after = withFormer(restored, former.slice(0, former.indexOf(meant)))
    replaced = currentAddress(current)
    return { after, result: after }
  })
  if (restored === 'nothing') {
    const message = 'No address from before is known.'
    return { placed: false, reason: 'nothing_to_restore', message }
  }
  if (!restored) return { placed: false, reason: 'unknown_user', message: 'There is no such user.' }
  const addresses = await addressTraces(ports, replaced, restored.email!)
  return { placed: true, account: restored, addresses }
}

function restoredTo(current: Account, { address, verified }: FormerAddress): Account {
  const { emailVerified: _verified, ...rest } = withoutPending(current)
  const tokens = followed(current.tokens, currentAddress(current), address)
  return {
    ...rest,
    email: address,
    ...(verified ? { emailVerified: verified } : {}),
    tokens: Object.fromEntries(
      Object.entries(tokens).map(([serial, one]) => [serial, usable(one)]),
    ),
    open: withoutLogins(rest.open),
  }
}

function usable({ info = {}, ...token }: Token): Token {
  const { [DISABLED_BY.name]: by, ...others } = info
  const kept = Object.keys(others).length > 0 ? { ...token, info: others } : token
  return by === DISABLED_BY.value
    ? { ...kept, enabled: true }
    : { ...kept, ...(by ? { info } : {}) }
}
