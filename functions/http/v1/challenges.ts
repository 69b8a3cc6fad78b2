/** `/v1/challenges`: a code is mailed, answered, and its mail looked after. */
import { authenticate } from '../../core/authenticate.ts'
import { findAccount } from '../../core/find-account.ts'
import { mailState } from '../../core/mail-fate.ts'
import type { Ports } from '../../core/ports.ts'
import { loginCaller } from '../callers.ts'
import { jsonReply } from '../reply.ts'
import { acceptedReply, challengedReply, DELIVERY, loginReply } from './login-replies.ts'
import { operation } from './operation.ts'
import { realm, serial, user } from './path-parameters.ts'
import { problem } from './problem.ts'
import { rejectedReply } from './refusal.ts'
import type { ObjectSchema } from './schema.ts'
import { OTP, typedOtp } from './typed-otp.ts'

const SUBJECT = { user, realm, serial } as const
/** Whom it is about: a user, a token, or both, which must then belong together. */
const NAMED = [
  { required: ['user'] },
  { required: ['serial'] },
] as const satisfies ObjectSchema['anyOf']

export const createChallenge = operation({
  id: 'createChallenge',
  method: 'POST',
  path: '/v1/challenges',
  tag: 'Login',
  summary: 'Have a code mailed',
  description:
    'The PIN has a code mailed to the address of each token it fits. A PIN followed by an open code ' +
    'answers that challenge at once.',
  access: 'login',
  body: {
    title: 'NewChallenge',
    type: 'object',
    properties: {
      ...SUBJECT,
      pin: {
        type: 'string',
        maxLength: 1024,
        writeOnly: true,
        description: 'The PIN of the token; absent or empty where none is set.',
      },
    },
    anyOf: NAMED,
    additionalProperties: false,
  },
  example: { user: 'alice', pin: 'correct horse' },
  replies: { 200: acceptedReply, 201: challengedReply, 403: rejectedReply },
  async handle(ports: Ports, { body: { pin = '', ...subject }, request }) {
    const caller = loginCaller(ports, request)
    const attempt = { ...subject, pass: pin, nonce: request.requestId, caller }
    return loginReply(ports, await authenticate(ports, attempt))
  },
})

export const answerChallenge = operation({
  id: 'answerChallenge',
  method: 'POST',
  path: '/v1/challenges/{transaction_id}/answer',
  tag: 'Login',
  summary: 'Answer a challenge with the code from the mail',
  description: 'A code is accepted once. A wrong one uses up an attempt.',
  access: 'login',
  body: {
    title: 'Answer',
    type: 'object',
    properties: {
      ...SUBJECT,
      otp: OTP,
    },
    required: ['otp'],
    anyOf: NAMED,
    additionalProperties: false,
  },
  example: { user: 'alice', otp: '287082' },
  replies: { 200: acceptedReply, 403: rejectedReply },
  async handle(ports: Ports, { body: { otp, ...subject }, path, request }) {
    const attempt = {
      ...subject,
      pass: typedOtp(otp),
      transactionId: path.transaction_id,
      nonce: request.requestId,
      caller: loginCaller(ports, request),
    }
    return loginReply(ports, await authenticate(ports, attempt))
  },
})

export const readChallenge = operation({
  id: 'readChallenge',
  method: 'GET',
  path: '/v1/challenges/{transaction_id}',
  tag: 'Login',
  summary: 'See how the mails of a challenge are doing',
  description: 'Asked with the user or serial the challenge was made for. Tells no address.',
  access: 'login',
  query: { type: 'object', properties: SUBJECT, anyOf: NAMED, additionalProperties: false },
  replies: {
    200: {
      description: 'The state of each mail.',
      schema: {
        title: 'ChallengeState',
        type: 'object',
        properties: {
          transaction_id: { type: 'string' },
          challenges: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'object',
              properties: { serial: { type: 'string' }, delivery: DELIVERY },
              required: ['serial', 'delivery'],
            },
          },
        },
        required: ['transaction_id', 'challenges'],
      },
      example: {
        transaction_id: '01234567890123456789',
        challenges: [{ serial: 'EM1A2B3C4D', delivery: 'sent' }],
      },
    },
    404: { description: 'Unknown, over, or of somebody else.' },
  },
  async handle(ports: Ports, { path, query }) {
    const transactionId = path.transaction_id!
    // whoever is named, the same reads: how long they take must not tell who exists
    const [found, stored] = await Promise.all([
      findAccount(ports, query),
      ports.challenges.list(transactionId),
    ])
    const open = stored.filter(
      (one) =>
        found.found &&
        one.account === found.account.key &&
        found.serials.includes(one.serial) &&
        one.expiresAt > ports.now(),
    )
    if (open.length === 0) return problem('not_found')
    return jsonReply(200, {
      transaction_id: transactionId,
      challenges: open.map(({ serial, ...mail }) => ({ serial, delivery: mailState(mail) })),
    })
  },
})
