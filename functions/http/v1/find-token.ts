import type { Account } from '../../core/account.ts'
import { findAccount } from '../../core/find-account.ts'
import type { Ports } from '../../core/ports.ts'
import { jsonReply, type Reply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import type { PathValues } from '../router.ts'
import { problem } from './problem.ts'
import { tokenView } from './token-view.ts'

type TokenCall = { path: PathValues; request: HttpRequest }

/** The account that holds the token of a path; notes for the log whose it is. */
export async function holderOf(
  ports: Ports,
  { path: { serial }, request }: TokenCall,
): Promise<Account | undefined> {
  const found = await findAccount(ports, { serial })
  if (!found.found) return undefined
  const { login, realm } = found.account
  request.target = { login, realm, serials: found.serials }
  return found.account
}

/** The token of a path as it is now. */
export async function tokenReply(ports: Ports, call: TokenCall): Promise<Reply> {
  const account = await holderOf(ports, call)
  const token = account?.tokens[call.path.serial!]
  return account && token ? jsonReply(200, tokenView({ account, token })) : problem('not_found')
}
