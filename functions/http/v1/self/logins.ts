/** `/v1/self/logins`: what was asked for in somebody's name, for them to see. */
import { searchAudit } from '../../../core/records/read-records.ts'
import { DAY } from '../../../core/spans.ts'
import { jsonReply } from '../../reply.ts'
import { badCursor, PAGE_QUERY, pageDoc } from '../page.ts'
import { selfOperation } from './operation.ts'

/** Milliseconds; what is older may be gone anyway. */
const LOOK_BACK = 90 * DAY

const RESULTS = { ACCEPT: 'accepted', CHALLENGE: 'code_mailed', REJECT: 'refused' } as const

export const listOwnLogins = selfOperation({
  id: 'listOwnLogins',
  method: 'GET',
  path: '/v1/self/logins',
  summary: 'See your recent logins',
  description:
    'The newest first; a page may be short and have a next one. A login may take a minute to show.',
  right: 'auditlog',
  query: {
    type: 'object',
    properties: {
      cursor: PAGE_QUERY.cursor,
      limit: { ...PAGE_QUERY.limit, maximum: 100, default: 20 },
    },
    additionalProperties: false,
  },
  replies: {
    200: pageDoc({
      ...{ title: 'OwnLogins', description: 'A page of them.', name: 'logins' },
      item: {
        type: 'object',
        properties: {
          at: { type: 'string', format: 'date-time' },
          result: {
            type: 'string',
            enum: Object.values(RESULTS),
            description: '`code_mailed`: the PIN was right.',
          },
          request: { type: 'string', description: 'How the application asked.' },
          client_ip: { type: 'string' },
          serials: { type: 'array', items: { type: 'string' } },
        },
        required: ['at', 'result', 'request', 'client_ip', 'serials'],
      },
      example: {
        at: '2026-11-21T12:00:00.000Z',
        result: 'accepted',
        request: 'POST /validate/check',
        client_ip: '192.0.2.1',
        serials: ['EM1A2B3C4D'],
      },
    }),
  },
  async handle(ports, { query: { cursor, limit = 20 }, self: { account } }) {
    const who = { login: account.login!, realm: account.realm }
    const filter = { who, from: ports.now() - LOOK_BACK }
    const { items, next } = await searchAudit(ports, filter, { cursor, limit }).catch(badCursor)
    const logins = items.flatMap(({ content: { entry } }) =>
      entry.authentication === undefined
        ? []
        : [
            {
              at: new Date(entry.at).toISOString(),
              result: RESULTS[entry.authentication],
              request: entry.action,
              client_ip: entry.clientIp,
              serials: entry.serials,
            },
          ],
    )
    return jsonReply(200, { logins, next_cursor: next })
  },
})
