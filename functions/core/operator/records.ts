/** The audit and the delivery log for the operator: searched, exported, verified. */
import { nameOf } from '../find-account.ts'
import type { ChainEnd } from '../records/audit-record.ts'
import { DELIVERY_STATES, type DeliveryState } from '../records/delivery-record.ts'
import { BadCursorError, searchAudit, searchDeliveries } from '../records/read-records.ts'
import { auditRecordView, deliveryView } from '../records/record-view.ts'
import { verifyChain } from '../records/verify-chain.ts'
import { type Field, InvalidArgumentError, readArguments } from './arguments.ts'
import { cursor, flag, integer, login, optional, realm, shortText } from './fields.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done } from './reply.ts'

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/

const moment: Field<number> = {
  accepted: 'a time such as 2026-11-21 or 2026-11-21T12:00:00Z',
  read(value) {
    const time = typeof value === 'string' && TIME.test(value) ? Date.parse(value) : Number.NaN
    return Number.isNaN(time) ? { refused: 'is not a time' } : { value: time }
  },
}

const deliveryState: Field<DeliveryState> = {
  accepted: DELIVERY_STATES.join(', '),
  read(value) {
    const state = DELIVERY_STATES.find((one) => one === value)
    return state ? { value: state } : { refused: 'is not a state' }
  },
}

const PERIOD = { from: optional(moment), to: optional(moment) }
const PAGE = { after: optional(cursor), limit: optional(integer(1, 1000)) }
const ABOUT = {
  user: optional(login),
  realm: optional(realm),
  transaction_id: optional(shortText),
}
const AUDIT = {
  ...ABOUT,
  ...PERIOD,
  serial: optional(shortText),
  client: optional(shortText),
  action: optional(shortText),
  administrator: optional(shortText),
  success: optional(flag),
}
const USUAL_LIMIT = 100

/** Records that fit, newest first. */
export const listAudit: Command = async (ports, args) => {
  const {
    user,
    realm,
    transaction_id: transactionId,
    client,
    ...given
  } = readArguments(args, {
    ...AUDIT,
    ...PAGE,
  })
  const { after, limit = USUAL_LIMIT, ...rest } = given
  const who = await whoIs(ports, user, realm)
  const filter = {
    ...rest,
    who,
    transactionId,
    ...(client === undefined ? {} : { clientIp: client }),
  }
  const { items, next } = await paged(() => searchAudit(ports, filter, { cursor: after, limit }))
  const key = await ports.keyring.key('audit')
  return done({ records: items.map((record) => auditRecordView(key, record)), next })
}

/** Records as they are kept, with their seals, newest first. */
export const exportAudit: Command = async (ports, args) => {
  const given = readArguments(args, { ...PERIOD, ...PAGE })
  const { after, limit = USUAL_LIMIT, from = 0, to } = given
  const filter = { from, ...(to === undefined ? {} : { to }) }
  const { items, next } = await paged(() => searchAudit(ports, filter, { cursor: after, limit }))
  const records = items.map(({ content, previous, hash }) => ({ ...content, previous, hash }))
  return done({ records, next })
}

/** Records that one part of a verification goes through: well within the function's time. */
const PART = 5000

const chainEnd: Field<ChainEnd> = {
  accepted: '`next` of the part before',
  read(value) {
    const { seq, hash, day, expiresAt } = Object(value) as Partial<ChainEnd>
    const fits =
      Number.isInteger(seq) &&
      Number.isInteger(expiresAt) &&
      typeof hash === 'string' &&
      /^\d{4}-\d\d-\d\d$/.test(String(day))
    return fits ? { value: value as ChainEnd } : { refused: 'is not a place in the chain' }
  },
}

/** Walks a part of the chain; the first record that is not as it should be ends it. */
export const verifyAudit: Command = async (ports, args) => {
  const given = readArguments(args, { ...PERIOD, at: optional(chainEnd) })
  const key = await ports.keyring.key('audit')
  return done(await verifyChain({ ...ports, key }, { ...given, limit: PART }))
}

/** Steps of deliveries that fit, newest first. */
export const listDeliveries: Command = async (ports, args) => {
  const shape = {
    ...ABOUT,
    ...PERIOD,
    provider: optional(shortText),
    state: optional(deliveryState),
  }
  const given = readArguments(args, { ...shape, ...PAGE })
  const { user, realm, transaction_id: transactionId, after, limit = USUAL_LIMIT, ...rest } = given
  const filter = { ...rest, user: await whoIs(ports, user, realm), transactionId }
  const { items, next } = await paged(() =>
    searchDeliveries(ports, filter, { cursor: after, limit }),
  )
  return done({ deliveries: items.map(deliveryView), next })
}

/** Whoever it is: records outlive users and realms. */
async function whoIs({ settings }: OperatorPorts, user?: string, realm?: string) {
  if (user !== undefined) return nameOf(user, realm, await settings.current())
  if (realm === undefined) return undefined
  throw new InvalidArgumentError('user', 'user is missing. Accepted: the login name in that realm.')
}

async function paged<T>(search: () => Promise<T>): Promise<T> {
  try {
    return await search()
  } catch (error) {
    if (!(error instanceof BadCursorError)) throw error
    throw new InvalidArgumentError('after', 'after is not a place. Accepted: `next` of a page.')
  }
}
