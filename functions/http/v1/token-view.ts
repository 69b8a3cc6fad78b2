import type { Account, Token } from '../../core/account.ts'
import { addressOf } from '../../core/budget.ts'
import type { HeldToken } from '../../core/list-tokens.ts'
import { undeliverable } from '../../core/undeliverable.ts'

/** A token as administrators see it. Its secret and PIN are told to nobody. */
export const tokenView = ({ token, account }: HeldToken) => ({
  serial: token.serial,
  ...(account.login === undefined ? {} : { user: account.login, realm: account.realm }),
  email: token.email,
  description: token.description,
  enabled: token.enabled,
  revoked: token.revoked,
  locked: token.failcount >= token.maxFailcount,
  failcount: token.failcount,
  max_failcount: token.maxFailcount,
  pin_set: token.pin !== undefined,
  rollout: token.rollout,
  ...undeliverableView(account, token),
  digits: token.digits,
  algorithm: token.algorithm,
  created_at: new Date(token.createdAt).toISOString(),
})

function undeliverableView(account: Account, token: Token) {
  const known = undeliverable(account, addressOf(account, token) ?? '')
  if (!known) return {}
  const { why, at, words } = known
  return { undeliverable: { why, at: new Date(at).toISOString(), words } }
}

export const tokenSchema = {
  title: 'Token',
  type: 'object',
  properties: {
    serial: { type: 'string' },
    user: { type: 'string', description: 'Absent for a token that belongs to nobody.' },
    realm: { type: 'string' },
    email: {
      type: 'string',
      description: "Where its codes go. Absent: the user's address, read at send time.",
    },
    description: { type: 'string' },
    enabled: { type: 'boolean' },
    revoked: { type: 'boolean', description: 'Out of use for good.' },
    locked: { type: 'boolean', description: 'Had too many failures; a reset ends that.' },
    failcount: { type: 'integer' },
    max_failcount: { type: 'integer' },
    pin_set: { type: 'boolean' },
    rollout: { type: 'string', enum: ['enrolled', 'verify'] },
    undeliverable: {
      type: 'object',
      description: 'Its address takes no mail: codes go there no more.',
      properties: {
        why: { type: 'string', enum: ['bounce', 'complaint'] },
        at: { type: 'string', format: 'date-time' },
        words: { type: 'string', description: "The mail server's." },
      },
      required: ['why', 'at', 'words'],
    },
    digits: { type: 'integer' },
    algorithm: { type: 'string', enum: ['sha1', 'sha256', 'sha512'] },
    created_at: { type: 'string', format: 'date-time' },
  },
  required: [
    'serial',
    'description',
    'enabled',
    'revoked',
    'locked',
    'failcount',
    'max_failcount',
    'pin_set',
    'rollout',
    'digits',
    'algorithm',
    'created_at',
  ],
}

export const oneToken = {
  description: 'The token.',
  schema: tokenSchema,
  example: {
    serial: 'EM1A2B3C4D',
    user: 'alice',
    realm: 'default',
    email: 'alice@example.org',
    description: '',
    enabled: true,
    revoked: false,
    locked: false,
    failcount: 0,
    max_failcount: 10,
    pin_set: true,
    rollout: 'enrolled',
    digits: 6,
    algorithm: 'sha1',
    created_at: '2026-11-21T12:00:00.000Z',
  },
}
