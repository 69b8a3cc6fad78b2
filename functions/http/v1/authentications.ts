import { authenticate } from '../../core/authenticate.ts'
import type { Ports } from '../../core/ports.ts'
import { loginCaller } from '../callers.ts'
import { acceptedReply, challengedReply, loginReply } from './login-replies.ts'
import { operation } from './operation.ts'
import { realm, user } from './path-parameters.ts'
import { rejectedReply } from './refusal.ts'

export const createAuthentication = operation({
  id: 'createAuthentication',
  method: 'POST',
  path: '/v1/authentications',
  tag: 'Login',
  summary: 'Log in by one field for PIN and code',
  description:
    'For clients that have one password field and keep no state: the PIN alone has a code mailed, PIN ' +
    'and code in one answer the newest open challenge.',
  access: 'login',
  body: {
    title: 'NewAuthentication',
    type: 'object',
    properties: {
      user,
      realm,
      pass: {
        type: 'string',
        maxLength: 1024,
        writeOnly: true,
        description: 'The PIN, or the PIN with the code behind it.',
      },
    },
    required: ['user', 'pass'],
    additionalProperties: false,
  },
  example: { user: 'alice', pass: 'correct horse287082' },
  replies: { 200: acceptedReply, 201: challengedReply, 403: rejectedReply },
  async handle(ports: Ports, { body, request }) {
    const caller = loginCaller(ports, request)
    const attempt = { ...body, nonce: request.requestId, caller }
    return loginReply(ports, await authenticate(ports, attempt))
  },
})
