/** How a test mail is asked for and told of, whoever sends it. */
import type { Sent } from '../../core/ports.ts'
import { jsonReply } from '../reply.ts'

/** Whom a test mail goes to. */
export const RECIPIENT = {
  type: 'string',
  format: 'idn-email',
  minLength: 1,
  maxLength: 254,
} as const

/** The reply to a test mail, for the description of an operation. */
export const TEST_MAIL_REPLY = {
  description: 'How it ended.',
  schema: {
    title: 'TestMail',
    type: 'object',
    properties: {
      sent: { type: 'boolean' },
      reply: { type: 'string', description: "The mail server's words." },
    },
    required: ['sent', 'reply'],
  },
  example: { sent: true, reply: '250 2.0.0 Ok' },
} as const

/** How a test mail ended. */
export const testMailReply = ({ sent, reply }: Sent) => jsonReply(200, { sent, reply })
