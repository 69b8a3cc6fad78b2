/** What records look like in replies. */
import { DELIVERY_STATES } from '../../core/records/delivery-record.ts'

const text = { type: 'string' } as const
const time = { type: 'string', format: 'date-time' } as const

const trace = {
  type: 'object',
  description: 'Stands for an address: equal ones have equal hashes.',
  properties: { hash: text, mask: text },
  required: ['hash', 'mask'],
} as const

export const auditRecordSchema = {
  title: 'AuditRecord',
  type: 'object',
  properties: {
    seq: { type: 'integer', description: 'Its place in the chain, from 1, without gaps.' },
    at: time,
    recorded_at: time,
    action: { ...text, description: 'Method and path, or `operator` and a command.' },
    success: { type: 'boolean' },
    authentication: { ...text, enum: ['ACCEPT', 'CHALLENGE', 'REJECT'] },
    reason: { ...text, description: 'Why it was refused.' },
    user: text,
    realm: text,
    serials: { type: 'array', items: text },
    transaction_id: text,
    administrator: { ...text, description: 'Who acted, where it was not the user.' },
    client_ip: text,
    addresses: {
      type: 'object',
      description: 'Of a user whose address was changed.',
      properties: { old: trace, new: trace },
    },
    detail: { ...text, description: 'What it came to, where it was about many.' },
    request_id: text,
    ms: { type: 'number', description: 'How long it took.' },
    hash: { ...text, description: 'Its seal.' },
    sound: { type: 'boolean', description: 'Whether it is as it was sealed.' },
  },
  required: [
    'seq',
    'at',
    'recorded_at',
    'action',
    'success',
    'serials',
    'client_ip',
    'hash',
    'sound',
  ],
} as const

export const exampleRecord = {
  seq: 4711,
  at: '2026-11-21T12:00:00.000Z',
  recorded_at: '2026-11-21T12:00:01.200Z',
  action: 'POST /validate/check',
  success: false,
  authentication: 'REJECT',
  reason: 'wrong',
  user: 'alice',
  realm: 'default',
  serials: ['EM1A2B3C4D'],
  transaction_id: '01234567890123456789',
  client_ip: '192.0.2.1',
  hash: 'h0pB…',
  sound: true,
}

export const deliverySchema = {
  title: 'Delivery',
  type: 'object',
  properties: {
    at: time,
    state: { ...text, enum: DELIVERY_STATES },
    transaction_id: text,
    serial: text,
    user: text,
    realm: text,
    provider: text,
    failure: text,
    reply: { ...text, description: "The server's words." },
    reason: { ...text, description: 'Why nothing was sent.' },
    message_id: { ...text, description: "The provider's id of the mail." },
    attempts: {
      type: 'array',
      description: 'Tries that failed before, in their order.',
      items: {
        type: 'object',
        properties: { provider: text, failure: text, reply: text },
        required: ['provider', 'failure', 'reply'],
      },
    },
  },
  required: ['at', 'state'],
} as const

export const exampleDelivery = {
  at: '2026-11-21T12:00:00.400Z',
  state: 'sent',
  transaction_id: '01234567890123456789',
  serial: 'EM1A2B3C4D',
  user: 'alice',
  realm: 'default',
  provider: 'ses',
  reply: '250 ok',
}
