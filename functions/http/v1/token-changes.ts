/** What an administrator does to one token. */
import { allowAddress } from '../../core/allow-address.ts'
import { addressOf } from '../../core/budget.ts'
import {
  deleteToken,
  resetFailures,
  revoke,
  setDescription,
  setEnabled,
} from '../../core/manage-tokens.ts'
import type { Ports } from '../../core/ports.ts'
import { setPinAndTell } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import { emptyReply } from '../reply.ts'
import { holderOf, tokenReply } from './find-token.ts'
import { operation } from './operation.ts'
import { problem } from './problem.ts'
import { oneToken } from './token-view.ts'

const PATH = '/v1/tokens/{serial}'
const NO_TOKEN = { description: 'There is no such token.' }

export const changeToken = operation({
  id: 'changeToken',
  method: 'PATCH',
  path: PATH,
  tag: 'Tokens',
  summary: 'Enable, disable or describe a token, or set its PIN',
  description: 'Changes what is given.',
  access: 'admin',
  rights: ({ enabled, pin, description }) => [
    ...(enabled === undefined ? [] : [enabled ? 'enable' : 'disable']),
    ...(pin === undefined ? [] : ['setpin']),
    ...(description === undefined ? [] : ['setdescription']),
  ],
  body: {
    title: 'TokenChange',
    type: 'object',
    properties: {
      enabled: { type: 'boolean' },
      pin: {
        type: 'string',
        maxLength: 255,
        writeOnly: true,
        description: 'The empty string removes the PIN.',
      },
      description: { type: 'string', maxLength: 255 },
    },
    additionalProperties: false,
  },
  example: { enabled: false, description: 'lost the mailbox' },
  replies: {
    200: oneToken,
    404: NO_TOKEN,
    409: { description: 'The token is revoked and cannot be enabled any more.' },
  },
  async handle(ports: Ports, { path, request, body: { enabled, pin, description } }) {
    const account = await holderOf(ports, { path, request })
    if (!account) return problem('not_found')
    const serial = path.serial!
    if (enabled && account.tokens[serial]!.revoked) return problem('revoked')
    if (enabled !== undefined) await setEnabled(ports, account, serial, enabled)
    if (pin !== undefined) await setPinAndTell(ports, account, serial, pin, actingCaller(request))
    if (description !== undefined) await setDescription(ports, account, serial, description)
    return tokenReply(ports, { path, request })
  },
})

export const resetToken = operation({
  id: 'resetToken',
  method: 'POST',
  path: `${PATH}/reset`,
  tag: 'Tokens',
  summary: 'End the lock of a token',
  description: 'Failures start anew. The wrong answers of the rolling day stay counted.',
  access: 'admin',
  rights: () => ['reset'],
  replies: { 200: oneToken, 404: NO_TOKEN },
  async handle(ports: Ports, { path, request }) {
    const account = await holderOf(ports, { path, request })
    if (account) await resetFailures(ports, account, path.serial!)
    return tokenReply(ports, { path, request })
  },
})

export const revokeToken = operation({
  id: 'revokeToken',
  method: 'POST',
  path: `${PATH}/revoke`,
  tag: 'Tokens',
  summary: 'End the use of a token for good',
  access: 'admin',
  rights: () => ['revoke'],
  replies: { 200: oneToken, 404: NO_TOKEN },
  async handle(ports: Ports, { path, request }) {
    const account = await holderOf(ports, { path, request })
    if (account) await revoke(ports, account, path.serial!)
    return tokenReply(ports, { path, request })
  },
})

export const deleteTokenOperation = operation({
  id: 'deleteToken',
  method: 'DELETE',
  path: PATH,
  tag: 'Tokens',
  summary: 'Remove a token',
  access: 'admin',
  rights: () => ['delete'],
  replies: { 204: { description: 'Removed.' }, 404: NO_TOKEN },
  async handle(ports: Ports, { path, request }) {
    const account = await holderOf(ports, { path, request })
    const removed = account && (await deleteToken(ports, account, path.serial!))
    return removed ? emptyReply() : problem('not_found')
  },
})

export const allowTokenAddress = operation({
  id: 'allowTokenAddress',
  method: 'DELETE',
  path: `${PATH}/undeliverable`,
  tag: 'Tokens',
  summary: 'Have codes go to the address of a token again',
  description:
    'Ends what a bounce or a complaint began. A new address, or proving this one again, does so too.',
  access: 'admin',
  rights: () => ['reset'],
  replies: { 204: { description: 'Codes go there.' }, 404: NO_TOKEN },
  async handle(ports: Ports, { path, request }) {
    const account = await holderOf(ports, { path, request })
    const token = account?.tokens[path.serial!]
    if (!account || !token) return problem('not_found')
    await allowAddress(ports, account, addressOf(account, token))
    return emptyReply()
  },
})
