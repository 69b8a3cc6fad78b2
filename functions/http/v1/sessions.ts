import { issueSession, signIn } from '../../core/sign-in.ts'
import { jsonReply } from '../reply.ts'
import type { AdminPorts } from './admin-ports.ts'
import { operation } from './operation.ts'
import { problem } from './problem.ts'

const SECONDS = 3600

export const createSession = operation({
  id: 'createSession',
  method: 'POST',
  path: '/v1/sessions',
  tag: 'Administration',
  summary: 'Sign in as an administrator',
  access: 'open',
  body: {
    title: 'Credentials',
    type: 'object',
    properties: {
      username: { type: 'string', minLength: 1, maxLength: 255 },
      password: { type: 'string', maxLength: 1024, writeOnly: true },
    },
    required: ['username', 'password'],
    additionalProperties: false,
  },
  example: { username: 'root', password: 'correct horse battery staple' },
  replies: {
    201: {
      description: 'Send the token as `Authorization: Bearer …`.',
      schema: {
        title: 'Session',
        type: 'object',
        properties: {
          token: { type: 'string' },
          expires_at: { type: 'string', format: 'date-time' },
        },
        required: ['token', 'expires_at'],
      },
      example: { token: 'eyJhbGciOi…', expires_at: '2026-11-21T13:00:00.000Z' },
    },
    401: { description: 'Wrong name or password, or too many tries.' },
  },
  async handle(ports: AdminPorts, { body: { username, password } }) {
    const since = ports.now()
    if (!(await signIn(ports, username, password))) return problem('credentials')
    const expiresAt = Math.floor(ports.now() / 1000 + SECONDS) * 1000
    const token = await issueSession(ports, {
      username,
      role: 'admin',
      seconds: SECONDS,
      since,
    })
    return jsonReply(201, { token, expires_at: new Date(expiresAt).toISOString() })
  },
})
