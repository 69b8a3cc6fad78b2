import type { Account } from '../../core/account.ts'
import { findAccount } from '../../core/find-account.ts'
import type { Ports } from '../../core/ports.ts'
import { jsonReply, type Reply } from '../reply.ts'
import type { PathValues } from '../router.ts'
import { problem } from './problem.ts'
import { tokenView } from './token-view.ts'

/** The account that holds the token of a path. */
export async function holderOf(ports: Ports, { serial }: PathValues): Promise<Account | undefined> {
  const found = await findAccount(ports, { serial })
  return found.found ? found.account : undefined
}

/** The token of a path as it is now. */
export async function tokenReply(ports: Ports, path: PathValues): Promise<Reply> {
  const account = await holderOf(ports, path)
  const token = account?.tokens[path.serial!]
  return account && token ? jsonReply(200, tokenView({ account, token })) : problem('not_found')
}
