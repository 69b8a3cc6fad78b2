/** `/linotp/admin/show`: tokens by all that is known about them, in pages. */
import type { Account } from '../../core/account.ts'
import { whoOf } from '../../core/find-account.ts'
import { type HeldToken, listTokens } from '../../core/list-tokens.ts'
import { fitsWildcard } from '../../core/wildcard.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import { textReply } from '../reply.ts'
import { linotpAdmin, type LinotpAdminCall, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { tokensCsv } from './token-csv.ts'
import { subjectOf } from './validate-attempt.ts'
import { infoObject, type TokenView, tokenView } from './token-view.ts'

type Row = { held: HeldToken; view: TokenView }

const show: LinotpAdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  caller.require('tokenlist')
  const held = await listTokens(ports.accounts, wantedOf(call))
  const rows = held
    .filter(({ account }) => caller.may('tokenlist', account) && isOfUser(call, account))
    .map((one) => ({ held: one, view: tokenView(one, 0, caller.settings) }))
    .filter(({ view }) => isInRealm(parameters, view) && fitsFilter(parameters, view))
  const { items, first, resultset } = readPage(parameters, sorted(rows, parameters))
  const data = items.map((row, index) => shown(call, row, first + index + 1))
  if (parameters.named('outform') !== 'csv') return value({ data, resultset }, {}, frame)
  return textReply(200, tokensCsv(data), 'application/force-download', {
    'content-disposition': 'attachment; filename=linotp-tokendata.csv',
  })
}

/** What narrows the search before accounts are read. */
function wantedOf({ parameters, caller }: LinotpAdminCall) {
  const user = parameters.named('user')
  const named =
    user === undefined || isSearch(user) ? undefined : subjectOf(parameters, caller.settings)
  const owner = named && whoOf(named, caller.settings)
  return { ...(owner ? { owner } : {}), serial: parameters.named('serial') }
}

const NOBODY = ['/:no user:/', '/:none:/']
const isSearch = (user: string) => user.includes('*') || NOBODY.includes(user)

function isOfUser({ parameters }: LinotpAdminCall, { login }: Account): boolean {
  const user = parameters.named('user')
  if (user === undefined || !isSearch(user)) return true
  if (NOBODY.includes(user)) return login === undefined
  return login !== undefined && fitsWildcard(user.toLowerCase(), login.toLowerCase())
}

/** A comma list of realms; `/:no realm:/` stands for tokens that belong to nobody. */
function isInRealm(parameters: Parameters, view: TokenView): boolean {
  const realms = parameters.listed(parameters.has('viewrealm') ? 'viewrealm' : 'realm')
  if (realms.length === 0 || realms.includes('*')) return true
  const [realm = '/:no realm:/'] = view['LinOtp.RealmNames']
  return realms.some((one) => fitsWildcard(one.toLowerCase(), realm))
}

const ACTIVE = ['/:active:/', '/:enabled:/', '/:token is active:/', '/:token is enabled:/']
const INACTIVE = ['/:inactive:/', '/:disabled:/', '/:token is inactive:/', '/:token is disabled:/']
const SEARCHED = [
  'LinOtp.TokenDesc',
  'LinOtp.IdResClass',
  'LinOtp.TokenSerialnumber',
  'LinOtp.Userid',
  'LinOtp.TokenType',
] as const

function fitsFilter(parameters: Parameters, view: TokenView): boolean {
  const filter = parameters.named('filter')
  if (filter === undefined) return true
  if (ACTIVE.includes(filter)) return view['LinOtp.Isactive']
  if (INACTIVE.includes(filter)) return !view['LinOtp.Isactive']
  return SEARCHED.some((name) => view[name].includes(filter))
}

const SORTABLE = [
  'TokenDesc',
  'TokenId',
  'TokenType',
  'TokenSerialnumber',
  'IdResolver',
  'IdResClass',
  'Userid',
  'FailCount',
  'Count',
  'Isactive',
  'CreationDate',
  'LastAuthMatch',
  'LastAuthSuccess',
] as const

function sorted(rows: Row[], parameters: Parameters): Row[] {
  const asked = parameters.named('sortby') ?? 'TokenDesc'
  const column = SORTABLE.find((name) => name === asked)
  if (!column) throw refusal(-311, `sortby is not one of ${SORTABLE.join(', ')}.`)
  const sign = parameters.named('sortdir') === 'desc' ? -1 : 1
  const rank = ({ held, view }: Row) =>
    column === 'TokenId' ? held.token.createdAt : view[`LinOtp.${column}`]
  return rows.toSorted((a, b) => sign * compare(rank(a), rank(b)) || compare(serial(a), serial(b)))
}

const serial = ({ held }: Row) => held.token.serial

const compare = <T extends string | number | boolean>(a: T, b: T) => (a === b ? 0 : a < b ? -1 : 1)

const PAGE_SIZE = 50

/** Everything at once where no page is asked for, as in LinOTP. */
function readPage(parameters: Parameters, rows: Row[]) {
  const page = parameters.integer('page', 1, 1_000_000)
  const size = parameters.integer('pagesize', 1, 1000) ?? PAGE_SIZE
  const tokens = rows.length
  if (page === undefined) {
    return { items: rows, first: 0, resultset: { pages: 1, pagesize: tokens, tokens, page: 1 } }
  }
  const first = (page - 1) * size
  const resultset = { pages: Math.ceil(tokens / size), pagesize: size, tokens, page }
  return { items: rows.slice(first, first + size), first, resultset }
}

function shown(call: LinotpAdminCall, { held, view }: Row, id: number) {
  const asObject = call.parameters.named('tokeninfo_format') === 'json'
  return {
    ...view,
    'LinOtp.TokenId': id,
    ...(asObject ? { 'LinOtp.TokenInfo': infoObject(held) } : {}),
    'User.description': '',
    'User.userid': view['LinOtp.Userid'],
    'User.username': view['LinOtp.Userid'],
    ...userFields(call, held.account),
  }
}

const FIELDS = ['email', 'givenname', 'surname', 'phone', 'mobile'] as const
const MOST_FIELDS = 20

/** Only who may look at users is told more of them than their name. */
function userFields({ parameters, caller }: LinotpAdminCall, account: Account) {
  const asked = parameters.listed('user_fields')
  if (asked.length > MOST_FIELDS) {
    throw new MalformedRequestError(`user_fields names more than ${MOST_FIELDS}.`, 'user_fields')
  }
  const visible = asked.length > 0 && caller.may('userlist', account)
  const known = (name: string) => FIELDS.find((field) => visible && field === name)
  const others = asked.filter((name) => !['description', 'userid', 'username'].includes(name))
  return Object.fromEntries(
    others.map((name) => {
      const field = known(name)
      return [`User.${name}`, (field && account[field]) ?? '']
    }),
  )
}

export const LINOTP_TOKEN_SHOW_ROUTES = [
  linotpAdmin('GET', '/linotp/admin/show', show),
  linotpAdmin('POST', '/linotp/admin/show', show),
]
