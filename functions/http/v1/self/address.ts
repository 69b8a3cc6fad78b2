/** `/v1/self/address`: the address that codes go to is registered, and later replaced by another. */
import { currentAddress } from '../../../core/registration/current-address.ts'
import {
  cancelAddress,
  confirmAddress,
  type ConfirmRefusal,
  type Confirmed,
  requestAddress,
} from '../../../core/registration.ts'
import { sameMailbox } from '../../../core/address/address-key.ts'
import { userRules } from '../../../core/policy/user-rules.ts'
import { personOf } from '../../../core/login-policy.ts'
import { emptyReply, jsonReply, type Reply } from '../../reply.ts'
import { addressRefusal, NEW_ADDRESS_REFUSED } from '../address-refusal.ts'
import { transactionId } from '../path-parameters.ts'
import { problem, type ProblemCode } from '../problem.ts'
import { OTP, typedOtp } from '../typed-otp.ts'
import type { SelfCaller } from './caller.ts'
import { selfOperation } from './operation.ts'
import type { SelfPorts } from './ports.ts'

export const requestOwnAddress = selfOperation({
  id: 'requestOwnAddress',
  method: 'POST',
  path: '/v1/self/address',
  summary: 'Register an address, or ask for another one',
  description:
    'Has a code mailed to it. The address in use stays in use until that code has come back. A second ' +
    'request takes the place of the first.',
  activation: true,
  fresh: true,
  right: 'enrollEMAIL',
  body: {
    title: 'NewAddress',
    type: 'object',
    properties: {
      address: { type: 'string', minLength: 1, maxLength: 320, examples: ['alice@example.org'] },
    },
    required: ['address'],
    additionalProperties: false,
  },
  example: { address: 'alice@example.com' },
  replies: {
    202: {
      description: 'A code is on its way to the new address.',
      schema: {
        title: 'PendingAddress',
        type: 'object',
        properties: {
          transaction_id: { type: 'string', pattern: '^[0-9]{20}$' },
          address: { type: 'string' },
          reason: { type: 'string', enum: ['register', 'update'] },
          expires_at: { type: 'string', format: 'date-time' },
        },
        required: ['transaction_id', 'address', 'reason', 'expires_at'],
      },
      example: {
        transaction_id: '01234567890123456789',
        address: 'alice@example.com',
        reason: 'update',
        expires_at: '2026-11-21T12:10:00.000Z',
      },
    },
    403: {
      description:
        'The session is not fresh (`reauthentication_required`), policies do not allow it (`role`), or ' +
        'addresses cannot be registered (`registration_off`).',
    },
    ...NEW_ADDRESS_REFUSED,
    429: { description: 'Too many codes were asked for, or too many answers were wrong.' },
  },
  async handle(ports, { body: { address }, self, request }) {
    const fixed = fixedAddress(self, ports.now())
    if (fixed && !(fixed.address !== undefined && sameMailbox(fixed.address, address))) {
      const detail = 'Policies want the address of the user directory: edit_email is off.'
      request.refusedBy = 'edit_email'
      return problem('role', { detail })
    }
    const by = self.session.purpose === 'full' ? 'self' : 'activation'
    if (by === 'activation' && replacesProven(self, address)) {
      request.refusedBy = 'activation'
      return problem('role', { detail: PROVEN })
    }
    const result = await requestAddress(ports, self.account, address, { by, caller: self.caller })
    if (!result.requested) {
      request.refusedBy = result.fault ?? result.reason
      return addressRefusal(result, 'role')
    }
    const { transactionId: transaction_id, reason, expiresAt, ...pending } = result.pending
    const expires_at = new Date(expiresAt).toISOString()
    return jsonReply(202, { transaction_id, address: pending.address, reason, expires_at })
  },
})

/** Where policies leave no choice: the address of the directory, if it has one. */
function fixedAddress({ account, settings, caller }: SelfCaller, now: number) {
  const { clientIp: client, userAgent } = caller
  const user = { ...personOf(account, settings), client, userAgent, now }
  return userRules(settings.policies, user).editEmail.value
    ? undefined
    : { address: currentAddress(account) }
}

/** A password alone is no match for a mailbox that somebody has proven. */
const replacesProven = ({ account: { email, emailVerified } }: SelfCaller, address: string) =>
  emailVerified !== undefined && email !== undefined && !sameMailbox(email, address)

const PROVEN =
  'A confirmed address is not replaced by a password alone: enrol a token for it, or ask an administrator.'

export const confirmOwnAddress = selfOperation({
  id: 'confirmOwnAddress',
  method: 'POST',
  path: '/v1/self/address/confirmations',
  summary: 'Confirm the new address by its code',
  description:
    'It takes the place of the one before, whose reader is told. Who has no token yet gets one, if a ' +
    'PIN for it is given or policies want none. A wrong code leaves the address pending.',
  activation: true,
  right: 'enrollEMAIL',
  body: {
    title: 'AddressProof',
    type: 'object',
    properties: {
      transaction_id: transactionId,
      otp: OTP,
      pin: {
        type: 'string',
        minLength: 1,
        maxLength: 255,
        writeOnly: true,
        description: 'The PIN of the token that is made for whoever has none.',
      },
    },
    required: ['transaction_id', 'otp'],
    additionalProperties: false,
  },
  example: { transaction_id: '01234567890123456789', otp: '287082' },
  replies: {
    200: {
      description: 'Codes go there from now on.',
      schema: {
        title: 'ConfirmedAddress',
        type: 'object',
        properties: {
          address: { type: 'string' },
          reason: { type: 'string', enum: ['register', 'update'] },
          serial: { type: 'string', description: 'The token that was made.' },
          pin_needed: {
            const: true,
            description: 'No token was made: `POST /v1/self/tokens` makes one with a PIN.',
          },
        },
        required: ['address', 'reason'],
      },
      example: { address: 'alice@example.com', reason: 'update' },
    },
    403: {
      description:
        'The code is wrong or over (`wrong_code`; `reason` tells which), or this is not allowed.',
    },
    409: { description: 'A change before was disputed.' },
  },
  async handle(ports, { body: { transaction_id, otp, pin }, self, request }) {
    const result = await confirmAddress(ports, self.account, {
      ...{ transactionId: transaction_id, code: typedOtp(otp), nonce: request.requestId },
      ...{ caller: self.caller, ...(pin === undefined ? {} : { pin }) },
    })
    if (!result.confirmed) {
      request.refusedBy = result.reason
      return notConfirmed(result)
    }
    const { login, realm } = self.account
    const { serial, addresses } = result
    request.target = { login, realm, ...(serial === undefined ? {} : { serials: [serial] }) }
    if (addresses) request.addresses = addresses
    return jsonReply(200, {
      address: result.address,
      reason: result.reason,
      serial,
      ...(result.needsPin ? { pin_needed: true } : {}),
    })
  },
})

const NOT_CONFIRMED: Readonly<Record<Exclude<ConfirmRefusal, 'bad_pin'>, ProblemCode>> = {
  wrong: 'wrong_code',
  closed: 'wrong_code',
  gone: 'wrong_code',
  guess_budget: 'wrong_code',
  registration_off: 'registration_off',
  disputed: 'disputed',
}

function notConfirmed({ reason, message }: Extract<Confirmed, { confirmed: false }>): Reply {
  return reason === 'bad_pin'
    ? problem('malformed', { detail: message, parameter: 'pin' })
    : problem(NOT_CONFIRMED[reason], { detail: message, reason })
}

export const forgetPendingAddress = selfOperation({
  id: 'forgetPendingAddress',
  method: 'DELETE',
  path: '/v1/self/address/pending',
  summary: 'Forget the address that waits for its code',
  activation: true,
  replies: { 204: { description: 'Forgotten.' }, 404: { description: 'There is none.' } },
  handle: async (ports: SelfPorts, { self: { account } }) =>
    (await cancelAddress(ports, account)) ? emptyReply() : problem('not_found'),
})
