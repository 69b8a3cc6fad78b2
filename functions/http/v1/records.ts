/** `/v1/audit` and `/v1/deliveries`: who did what, and what became of each mail. */
import { nameOf } from '../../core/find-account.ts'
import type { Settings } from '../../core/settings.ts'
import { DELIVERY_STATES } from '../../core/records/delivery-record.ts'
import { searchAudit, searchDeliveries } from '../../core/records/read-records.ts'
import { auditRecordView, deliveryView } from '../../core/records/record-view.ts'
import { MalformedRequestError } from '../errors.ts'
import { MissingParameterError } from '../parameters.ts'
import { jsonReply } from '../reply.ts'
import type { AdminPorts } from './admin-ports.ts'
import { operation } from './operation.ts'
import { badCursor, DEFAULT_LIMIT, PAGE_QUERY, pageDoc } from './page.ts'
import { realm, transactionId, user } from './path-parameters.ts'
import {
  auditRecordSchema,
  deliverySchema,
  exampleDelivery,
  exampleRecord,
} from './record-schemas.ts'
import type { Members, TextSchema } from './schema.ts'

const time = (description: string) =>
  ({
    type: 'string',
    maxLength: 24,
    pattern: String.raw`^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$`,
    description,
    examples: ['2026-11-21', '2026-11-21T12:00:00Z'],
  }) as const satisfies TextSchema

const pattern = (description: string) =>
  ({
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description: `${description} \`*\` stands for any characters.`,
  }) as const satisfies TextSchema

const COMMON_QUERY = {
  user: { ...user, description: 'Only those about this user.' },
  realm,
  transaction_id: { ...transactionId, description: 'Only those of this transaction.' },
  from: time('The earliest; a day before `to` unless a user or a transaction is named.'),
  to: time('The latest; now when absent.'),
  ...PAGE_QUERY,
} as const
type CommonQuery = Members<{
  type: 'object'
  properties: typeof COMMON_QUERY
  additionalProperties: false
}>

export const listAuditOperation = operation({
  id: 'listAudit',
  method: 'GET',
  path: '/v1/audit',
  tag: 'Records',
  summary: 'Search the audit',
  description:
    'Newest first. A request is found within seconds. `sound` says whether a record is as it was ' +
    'sealed; that none is missing, `otpost audit verify` tells. A page may be short and still have a ' +
    'next one.',
  access: 'admin',
  rights: () => ['auditlog'],
  query: {
    type: 'object',
    properties: {
      ...COMMON_QUERY,
      serial: pattern('Only those about this token.'),
      client: pattern('Only those that came from this address.'),
      action: pattern('Only these actions, such as `POST /validate/check`.'),
      administrator: pattern('Only those of this administrator.'),
      success: { type: 'string', maxLength: 5, enum: ['true', 'false'] },
    },
    additionalProperties: false,
  },
  replies: {
    200: pageDoc({
      ...{ title: 'AuditRecords', description: 'A page of records.', name: 'records' },
      ...{ item: auditRecordSchema, example: exampleRecord },
    }),
  },
  async handle(ports: AdminPorts, { query }) {
    const { about, page, rest } = await readSearch(ports, query)
    const { client, success, ...patterns } = rest
    const filter = {
      ...{ ...about, ...patterns },
      ...(client === undefined ? {} : { clientIp: client }),
      ...(success === undefined ? {} : { success: success === 'true' }),
    }
    const { items, next } = await searchAudit(ports, filter, page).catch(badCursor)
    const key = await ports.keyring.key('audit')
    const records = items.map((record) => auditRecordView(key, record))
    return jsonReply(200, { records, next_cursor: next })
  },
})

export const listDeliveriesOperation = operation({
  id: 'listDeliveries',
  method: 'GET',
  path: '/v1/deliveries',
  tag: 'Records',
  summary: 'Search the delivery log',
  description:
    'Each step of each mail, newest first, with the words of the server; never a code or an address. ' +
    'A page may be short and still have a next one.',
  access: 'admin',
  rights: () => ['auditlog'],
  query: {
    type: 'object',
    properties: {
      ...COMMON_QUERY,
      provider: { type: 'string', minLength: 1, maxLength: 63, description: 'Who was to send it.' },
      state: { type: 'string', maxLength: 10, enum: DELIVERY_STATES },
    },
    additionalProperties: false,
  },
  replies: {
    200: pageDoc({
      ...{ title: 'Deliveries', description: 'A page of steps.', name: 'deliveries' },
      ...{ item: deliverySchema, example: exampleDelivery },
    }),
  },
  async handle(ports: AdminPorts, { query }) {
    const { about, page, rest } = await readSearch(ports, query)
    const { who: user, ...others } = about
    const filter = { user, ...others, ...rest }
    const { items, next } = await searchDeliveries(ports, filter, page).catch(badCursor)
    return jsonReply(200, { deliveries: items.map(deliveryView), next_cursor: next })
  },
})

/** What every search of records is told, and the rest. */
async function readSearch<Q extends CommonQuery>(ports: AdminPorts, query: Q) {
  const { user, realm, transaction_id: transactionId, from, to, ...others } = query
  const { cursor, limit = DEFAULT_LIMIT, ...rest } = others
  const who = whoIs(user, realm, await ports.settings.current())
  const about = { who, transactionId, ...instant('from', from), ...instant('to', to) }
  return { about, page: { cursor, limit }, rest }
}

/** Whoever it is: records outlive users and realms. */
function whoIs(user: string | undefined, realm: string | undefined, settings: Settings) {
  if (user !== undefined) return nameOf(user, realm, settings)
  if (realm !== undefined) throw new MissingParameterError('user')
  return undefined
}

function instant(name: 'from' | 'to', text: string | undefined) {
  if (text === undefined) return {}
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new MalformedRequestError(`${name} is not a time there is.`, name)
  return { [name]: at }
}
