/** `/v1/self`: who the holder of a session is. */
import { pendingAddress } from '../../../core/registration.ts'
import { USER_RIGHTS } from '../../../core/policy/actions.ts'
import { freshUntil } from '../../../core/self/session.ts'
import { maskAddress } from '../../../mail/mask-address.ts'
import { jsonReply } from '../../reply.ts'
import { selfOperation } from './operation.ts'
import type { SelfCaller } from './caller.ts'

const iso = (time: number) => new Date(time).toISOString()

export const readSelf = selfOperation({
  id: 'readSelf',
  method: 'GET',
  path: '/v1/self',
  summary: 'See who is signed in, and what may be done',
  activation: true,
  replies: {
    200: {
      description: 'Addresses are masked in a session of an activation.',
      schema: {
        title: 'Self',
        type: 'object',
        properties: {
          user: { type: 'string' },
          realm: { type: 'string' },
          email: { type: 'string', description: 'Where codes go.' },
          email_verified: { type: 'boolean', description: 'Whether it has proven itself.' },
          email_verified_at: { type: 'string', format: 'date-time' },
          pending: {
            type: 'object',
            description: 'The address that waits for its code. The one above stays in use.',
            properties: {
              address: { type: 'string' },
              reason: { type: 'string', enum: ['register', 'update'] },
              expires_at: { type: 'string', format: 'date-time' },
            },
            required: ['address', 'reason', 'expires_at'],
          },
          factors: {
            type: 'object',
            description: 'What may be used to sign in, and what may be registered.',
            properties: {
              login: { type: 'array', items: { type: 'string' } },
              registration: { type: 'array', items: { type: 'string' } },
            },
            required: ['login', 'registration'],
          },
          rights: {
            type: 'array',
            items: { type: 'string' },
            description: 'What policies let this session do, in their words.',
          },
          session: {
            type: 'object',
            properties: {
              purpose: { type: 'string', enum: ['full', 'activation'] },
              auth_time: { type: 'string', format: 'date-time' },
              fresh_until: {
                type: 'string',
                format: 'date-time',
                description: 'Until then it may change factors.',
              },
              expires_at: { type: 'string', format: 'date-time' },
            },
            required: ['purpose', 'auth_time', 'fresh_until', 'expires_at'],
          },
        },
        required: ['user', 'realm', 'email_verified', 'factors', 'rights', 'session'],
      },
      example: {
        user: 'alice',
        realm: 'default',
        email: 'alice@example.org',
        email_verified: true,
        email_verified_at: '2026-11-01T09:00:00.000Z',
        factors: { login: ['emailOtp'], registration: ['emailOtp'] },
        rights: ['enrollEMAIL', 'disable', 'setpin'],
        session: {
          purpose: 'full',
          auth_time: '2026-11-21T12:00:00.000Z',
          fresh_until: '2026-11-21T12:05:00.000Z',
          expires_at: '2026-11-21T12:30:00.000Z',
        },
      },
    },
  },
  async handle({ now }, { self }) {
    return jsonReply(200, selfView(self, now()))
  },
})

function selfView({ account, session, settings, rights }: SelfCaller, now: number) {
  const { login: user, realm, email, emailVerified } = account
  const pending = pendingAddress(account, now)
  return {
    user,
    realm,
    email: shown(email),
    email_verified: emailVerified !== undefined,
    ...(emailVerified ? { email_verified_at: iso(emailVerified.at) } : {}),
    ...(pending
      ? {
          pending: {
            address: shown(pending.address),
            reason: pending.reason,
            expires_at: iso(pending.expiresAt),
          },
        }
      : {}),
    factors: {
      login: settings['allowed.auth.factors'],
      registration: settings['allowed.reg.factors'],
    },
    rights: USER_RIGHTS.filter((right) => rights.allowed(right)),
    session: {
      purpose: session.purpose,
      auth_time: iso(session.auth_time * 1000),
      fresh_until: iso(freshUntil(session, settings)),
      expires_at: iso(session.exp * 1000),
    },
  }

  /** A password alone shows nobody a whole address. */
  function shown(address: string | undefined) {
    return address === undefined || session.purpose === 'full'
      ? address
      : maskAddress(address, settings['mask.address'])
  }
}
