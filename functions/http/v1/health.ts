import type { Ports } from '../../core/ports.ts'
import { jsonReply } from '../reply.ts'
import { operation } from './operation.ts'

export const readHealth = operation({
  id: 'readHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'Service',
  summary: 'See whether logins can be answered',
  access: 'open',
  replies: {
    200: {
      description: 'The settings could be read.',
      schema: {
        title: 'Health',
        type: 'object',
        properties: { status: { const: 'ok' } },
        required: ['status'],
      },
      example: { status: 'ok' },
    },
  },
  async handle({ settings }: Ports) {
    await settings.current()
    return jsonReply(200, { status: 'ok' })
  },
})
