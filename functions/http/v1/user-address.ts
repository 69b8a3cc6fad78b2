/** `/v1/users/{realm}/{user}/address`: what an administrator does with the address of a user. */
import { type Account, accountKey } from '../../core/account.ts'
import {
  cancelAddress,
  type Placed,
  requestAddress,
  restoreAddress,
  setAddress,
} from '../../core/registration.ts'
import { addressView } from '../../core/registration/address-view.ts'
import { emptyReply, jsonReply, type Reply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import { addressRefusal, NEW_ADDRESS_REFUSED } from './address-refusal.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type JsonSchema, operation } from './operation.ts'
import { problem } from './problem.ts'
import type { ObjectSchema } from './schema.ts'

const PATH = '/v1/users/{realm}/{user}/address'
const NO_USER = { description: 'There is no such user.' }
const TIME = { type: 'string', format: 'date-time' }

/** How an address stands, as members of a user. */
export const ADDRESS_STATE = {
  email_verified: {
    type: 'object',
    description: 'When and how the address was proven; absent: it was not.',
    properties: {
      at: TIME,
      method: { type: 'string', enum: ['self', 'admin', 'activation', 'login'] },
    },
    required: ['at', 'method'],
  },
  pending_address: {
    type: 'object',
    description: 'The address, masked, that waits for its code.',
    properties: {
      address: { type: 'string' },
      reason: { type: 'string', enum: ['register', 'update'] },
      expires_at: TIME,
    },
    required: ['address', 'reason', 'expires_at'],
  },
  former_address: {
    type: 'object',
    description: 'The one before, masked, and until when its reader may dispute the change.',
    properties: { address: { type: 'string' }, until: TIME },
    required: ['address', 'until'],
  },
  address_disputed: {
    const: true,
    description: 'The reader of an address before said that it was somebody else.',
  },
} as const satisfies Record<string, JsonSchema>

const STATE = {
  schema: {
    title: 'UserAddress',
    type: 'object',
    properties: { email: { type: 'string' }, ...ADDRESS_STATE },
  },
  example: {
    email: 'alice@example.org',
    email_verified: { at: '2026-11-21T12:00:00.000Z', method: 'admin' },
  },
}
const BODY = {
  title: 'UserAddressChange',
  type: 'object',
  properties: {
    address: { type: 'string', minLength: 1, maxLength: 320, examples: ['alice@example.org'] },
  },
  required: ['address'],
  additionalProperties: false,
} as const satisfies ObjectSchema
const EXAMPLE = { address: 'alice@example.org' }
const BOUND = { path: PATH, tag: 'Users', access: 'admin', rights: () => ['updateuser'] } as const

const requestUserAddress = operation({
  ...BOUND,
  id: 'requestUserAddress',
  method: 'POST',
  summary: 'Have a user prove a new address',
  description:
    'Mails a code to it, which the user enters in the self-service. The address in use stays in use ' +
    'until then.',
  body: BODY,
  example: EXAMPLE,
  replies: {
    202: { description: 'The code is on its way.', ...STATE },
    403: { description: 'Addresses cannot be registered (`registration_off`).' },
    404: NO_USER,
    ...NEW_ADDRESS_REFUSED,
    429: { description: 'Too many codes were asked for.' },
  },
  handle: (ports: AdminPorts, { path, body: { address }, request }) =>
    withUser(ports, path, request, async (account) => {
      // the mail is in the person's language, not in the administrator's
      const caller = { clientIp: request.clientIp }
      const result = await requestAddress(ports, account, address, { by: 'admin', caller })
      if (result.requested) return jsonReply(202, await viewOf(ports, result.account))
      request.refusedBy = result.fault ?? result.reason
      return addressRefusal(result, 'not_found')
    }),
})

const setUserAddress = operation({
  ...BOUND,
  id: 'setUserAddress',
  method: 'PUT',
  summary: 'Vouch for the address of a user',
  description:
    'It is in use at once, for every token that had the one before, whose reader is told.',
  body: BODY,
  example: EXAMPLE,
  replies: {
    200: { description: 'Codes go there from now on.', ...STATE },
    404: NO_USER,
    409: { description: 'A directory elsewhere has another one.' },
    429: { description: 'So many changes can still be disputed that there may be no further one.' },
  },
  handle: (ports: AdminPorts, { path, body: { address }, request }) =>
    withUser(ports, path, request, async (account) =>
      placed(
        ports,
        request,
        await setAddress(ports, account, address, { clientIp: request.clientIp }),
      ),
    ),
})

const forgetUserAddress = operation({
  ...BOUND,
  id: 'forgetUserAddress',
  method: 'DELETE',
  summary: 'Forget the address that waits for its code',
  replies: {
    204: { description: 'Forgotten; the code that was mailed is worth nothing.' },
    404: { description: 'There is no such user, or nothing is pending.' },
  },
  handle: (ports: AdminPorts, { path, request }) =>
    withUser(ports, path, request, async (account) =>
      (await cancelAddress(ports, account)) ? emptyReply() : problem('not_found'),
    ),
})

const restoreUserAddress = operation({
  ...BOUND,
  path: `${PATH}/restorations`,
  id: 'restoreUserAddress',
  method: 'POST',
  summary: 'Go back to the address before',
  description:
    'To the one whose reader disputed the change, or else to the last. What the dispute disabled can ' +
    'be used again.',
  replies: {
    200: { description: 'Codes go there again.', ...STATE },
    404: { description: 'There is no such user, or no address before is known.' },
  },
  handle: (ports: AdminPorts, { path, request }) =>
    withUser(ports, path, request, async (account) =>
      placed(ports, request, await restoreAddress(ports, account)),
    ),
})

async function withUser(
  { accounts }: AdminPorts,
  { realm, user }: Record<string, string>,
  request: HttpRequest,
  act: (account: Account) => Promise<Reply>,
): Promise<Reply> {
  const account = await accounts.get(accountKey(realm!.toLowerCase(), user!))
  if (account?.login === undefined) return problem('not_found')
  request.target = { login: account.login, realm: account.realm }
  return act(account)
}

const UNPLACED = {
  kept_elsewhere: 'kept_elsewhere',
  limited: 'too_many',
  unknown_user: 'not_found',
  nothing_to_restore: 'not_found',
} as const

async function placed(ports: AdminPorts, request: HttpRequest, result: Placed): Promise<Reply> {
  if (result.placed) {
    request.addresses = result.addresses
    return jsonReply(200, await viewOf(ports, result.account))
  }
  const { reason, message, fault } = result
  request.refusedBy = fault ?? reason
  return reason === 'bad_address'
    ? problem('malformed', { detail: message, parameter: 'address', reason: fault ?? reason })
    : problem(UNPLACED[reason], { detail: message })
}

async function viewOf({ settings, now }: AdminPorts, account: Account) {
  const { email } = account
  return { email, ...addressView(account, await settings.current(), now()) }
}

export const USER_ADDRESS_OPERATIONS = [
  requestUserAddress,
  setUserAddress,
  forgetUserAddress,
  restoreUserAddress,
]
