/** `/v1/self/tokens`: what people do with their own tokens. Those of others are not there for them. */
import type { Account } from '../../../core/account.ts'
import type { EnrolRefusal } from '../../../core/enrol-token.ts'
import { revoke, setEnabled } from '../../../core/manage-tokens.ts'
import { isDisputed } from '../../../core/registration.ts'
import { enrolOwnToken } from '../../../core/self/enrol-own.ts'
import { MalformedRequestError } from '../../errors.ts'
import { jsonReply, type Reply } from '../../reply.ts'
import type { HttpRequest } from '../../request.ts'
import type { ReplyDoc } from '../operation.ts'
import { problem } from '../problem.ts'
import { oneToken, tokenSchema, tokenView } from '../token-view.ts'
import type { SelfCaller } from './caller.ts'
import { selfOperation } from './operation.ts'
import type { SelfPorts } from './ports.ts'

const PATH = '/v1/self/tokens/{serial}'
const NO_TOKEN = { description: 'You have no such token.' }

/** The token of a path, if it is the caller's own. */
export function ownToken(
  { account }: SelfCaller,
  request: HttpRequest,
  serial: string,
): Account['tokens'][string] | undefined {
  if (!Object.hasOwn(account.tokens, serial)) return undefined
  request.target = { login: account.login, realm: account.realm, serials: [serial] }
  return account.tokens[serial]
}

export const listOwnTokens = selfOperation({
  id: 'listOwnTokens',
  method: 'GET',
  path: '/v1/self/tokens',
  summary: 'List your tokens',
  replies: {
    200: {
      description: 'All of them, in the order of the serials.',
      schema: {
        title: 'OwnTokens',
        type: 'object',
        properties: { tokens: { type: 'array', items: tokenSchema } },
        required: ['tokens'],
      },
      example: { tokens: [oneToken.example] },
    },
  },
  async handle(_, { self: { account } }) {
    const serials = Object.keys(account.tokens).toSorted()
    const tokens = serials.map((serial) => tokenView({ account, token: account.tokens[serial]! }))
    return jsonReply(200, { tokens })
  },
})

export const createOwnToken = selfOperation({
  id: 'createOwnToken',
  method: 'POST',
  path: '/v1/self/tokens',
  summary: 'Enrol a token of your own',
  description: 'Its codes go to your own address, whatever that is then.',
  activation: true,
  fresh: true,
  right: 'enrollEMAIL',
  body: {
    title: 'NewOwnToken',
    type: 'object',
    properties: {
      pin: { type: 'string', minLength: 1, maxLength: 255, writeOnly: true },
      description: { type: 'string', maxLength: 255 },
    },
    required: ['pin'],
    additionalProperties: false,
  },
  example: { pin: 'correct horse', description: 'office' },
  replies: {
    201: oneToken,
    409: { description: 'You have no address, too many tokens, or policies want no more of them.' },
  },
  async handle(ports, { body: { pin, description }, self, request }) {
    const refused = self.pinRefusal(pin)
    if (refused !== undefined) throw new MalformedRequestError(refused, 'pin')
    const result = await enrolOwnToken(ports, self.account, {
      ...{ pin, description, caller: self.caller },
    })
    if (!result.enrolled) return notEnrolled(result)
    const { account, token } = result
    request.target = { login: account.login, realm: account.realm, serials: [token.serial] }
    return jsonReply(201, tokenView(result))
  },
})

function notEnrolled({ reason, message }: EnrolRefusal): Reply {
  if (reason === 'no_address') {
    return problem('no_token', { detail: 'Register an address first.', reason })
  }
  return problem('too_many_tokens', message === undefined ? {} : { detail: message })
}

const CHANGES = {
  enable: (ports: SelfPorts, account: Account, serial: string) =>
    setEnabled(ports, account, serial, true),
  disable: (ports: SelfPorts, account: Account, serial: string) =>
    setEnabled(ports, account, serial, false),
  revoke,
} as const

const REPLIES: Readonly<Record<number, ReplyDoc>> = { 200: oneToken, 404: NO_TOKEN }
const NOT_ENABLED = { 409: { description: 'It is revoked, or a change was disputed.' } }

/** Enabling and revoking change what one can sign in with; disabling must be quick. */
const changeOwnToken = (
  right: keyof typeof CHANGES,
  declared: { id: string; summary: string; description?: string; fresh: boolean },
) =>
  selfOperation({
    ...declared,
    right,
    method: 'POST',
    path: `${PATH}/${right}`,
    replies: right === 'enable' ? { ...REPLIES, ...NOT_ENABLED } : REPLIES,
    async handle(ports, { path, self, request }) {
      const serial = path.serial!
      const token = ownToken(self, request, serial)
      if (!token) return problem('not_found')
      if (right === 'enable' && token.revoked) return problem('revoked')
      if (right === 'enable' && isDisputed(self.account)) return problem('disputed')
      await CHANGES[right](ports, self.account, serial)
      return ownTokenReply(ports, self, serial)
    },
  })

async function ownTokenReply(ports: SelfPorts, { account: { key } }: SelfCaller, serial: string) {
  const account = await ports.accounts.get(key)
  const token = account?.tokens[serial]
  return account && token ? jsonReply(200, tokenView({ account, token })) : problem('not_found')
}

export const enableOwnToken = changeOwnToken('enable', {
  id: 'enableOwnToken',
  summary: 'Enable a token of yours',
  fresh: true,
})

export const disableOwnToken = changeOwnToken('disable', {
  id: 'disableOwnToken',
  summary: 'Disable a token of yours',
  description: 'Sessions it has signed in end with it, this one too.',
  fresh: false,
})

export const revokeOwnToken = changeOwnToken('revoke', {
  id: 'revokeOwnToken',
  summary: 'End the use of a token of yours for good',
  description: 'Sessions it has signed in end with it, this one too.',
  fresh: true,
})
