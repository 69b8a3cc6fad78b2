/** `GET /token/`: tokens by all that is known about them, in pages. */
import { type Account, accountKey } from '../../core/account.ts'
import { nameOf } from '../../core/find-account.ts'
import { type HeldToken, listTokens } from '../../core/list-tokens.ts'
import { fitsWildcard } from '../../core/wildcard.ts'
import type { Parameters } from '../parameters.ts'
import { textReply } from '../reply.ts'
import type { AdminPorts } from './admin-ports.ts'
import { sharedRoute, valueReply, type AdminCall, type AdminHandler } from './admin-route.ts'
import { readPage } from './page.ts'
import { unknownUser } from './refused.ts'
import { tokensCsv } from './token-csv.ts'
import { type TokenView, tokenView } from './token-view.ts'

const list: AdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  if (!caller.account) caller.require('tokenlist')
  const owner = caller.account ?? (await ownerOf(ports, call))
  const held = await listTokens(ports.accounts, {
    owner: owner && { realm: owner.realm, login: owner.login! },
    serial: parameters.named('serial'),
  })
  const visible = held.filter(({ account }) => caller.account || caller.may('tokenlist', account))
  const found = sorted(visible.map(viewed(call)).filter(wanted(parameters)), parameters)
  const { items, ...page } = readPage(parameters, found)
  const tokens = items.map((token, index) => ({ ...token, id: page.first + index + 1 }))
  if (parameters.named('outform') === 'csv') {
    return textReply(200, tokensCsv(tokens), 'text/csv; charset=utf-8', {
      'cache-control': 'no-cache',
    })
  }
  const { count, next, prev } = page
  return valueReply({ count, next, prev, tokens }, frame)
}

const viewed =
  ({ caller }: AdminCall) =>
  (held: HeldToken) =>
    tokenView(held, 0, caller.settings)

async function ownerOf(
  ports: AdminPorts,
  { parameters, caller }: AdminCall,
): Promise<Account | undefined> {
  const user = parameters.named('user')
  if (user === undefined) return undefined
  const { realm, login } = nameOf(user, parameters.named('realm'), caller.settings)
  const account = await ports.accounts.get(accountKey(realm, login))
  if (!account) throw unknownUser()
  return account
}

/** Parameters that name a part of a token; `*` stands for any characters. */
const PATTERNS: Readonly<Record<string, (token: TokenView) => string>> = {
  type: ({ tokentype }) => tokentype,
  tokentype: ({ tokentype }) => tokentype,
  tokenrealm: ({ user_realm }) => user_realm,
  resolver: ({ resolver }) => resolver,
  userid: ({ user_id }) => user_id,
  description: ({ description }) => description,
  rollout_state: ({ rollout_state }) => rollout_state,
}

/** Parameters that say whether; the reference writes `True` and `False`. */
const SWITCHES: Readonly<Record<string, (token: TokenView) => boolean>> = {
  assigned: ({ username }) => username !== '',
  active: ({ active }) => active,
  revoked: ({ revoked }) => revoked,
  locked: ({ locked }) => locked,
}

function wanted(parameters: Parameters): (token: TokenView) => boolean {
  const tests: ((token: TokenView) => boolean)[] = []
  for (const [name, part] of Object.entries(PATTERNS)) {
    const pattern = parameters.named(name)
    if (pattern !== undefined) tests.push((token) => fitsWildcard(pattern, part(token)))
  }
  for (const [name, part] of Object.entries(SWITCHES)) {
    if (!parameters.has(name) || parameters.scalar(name) === '') continue
    const position = parameters.flag(name)
    tests.push((token) => part(token) === position)
  }
  const realm = parameters.named('user') ? undefined : parameters.named('realm')
  if (realm) tests.push((token) => fitsWildcard(realm.toLowerCase(), token.user_realm))
  const [key, value] = [parameters.named('infokey'), parameters.named('infovalue')]
  if (key && value) tests.push(({ info }) => fitsWildcard(value, info[key] ?? ''))
  return (token) => tests.every((test) => test(token))
}

function sorted(tokens: TokenView[], parameters: Parameters): TokenView[] {
  const column = (parameters.named('sortby') ?? 'serial') as keyof TokenView
  const sign = parameters.named('sortdir') === 'desc' ? -1 : 1
  const rank = (token: TokenView) => (Object.hasOwn(token, column) ? token[column] : token.serial)
  return tokens.toSorted((a, b) => sign * compare(rank(a), rank(b)) || compare(a.serial, b.serial))
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [one, other] = [String(a), String(b)]
  return one === other ? 0 : one < other ? -1 : 1
}

export const TOKEN_LIST_ROUTES = [
  sharedRoute('GET', '/token/', list),
  sharedRoute('GET', '/token', list),
]
