/** `/v1/tokens`: tokens are enrolled, listed and looked up. */
import { newAccount } from '../../core/account.ts'
import type { EnrolRefusal } from '../../core/enrol-token.ts'
import { findAccount, nameOf } from '../../core/find-account.ts'
import { listTokens } from '../../core/list-tokens.ts'
import type { Ports } from '../../core/ports.ts'
import { enrolAndTell } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import { MissingParameterError } from '../parameters.ts'
import { jsonReply, type Reply } from '../reply.ts'
import { typedAddress } from '../typed-address.ts'
import { tokenReply } from './find-token.ts'
import { operation } from './operation.ts'
import { PAGE_QUERY, pageDoc, pageOf } from './page.ts'
import { realm, serial, user } from './path-parameters.ts'
import { problem } from './problem.ts'
import { oneToken, tokenSchema, tokenView } from './token-view.ts'

export const createToken = operation({
  id: 'createToken',
  method: 'POST',
  path: '/v1/tokens',
  tag: 'Tokens',
  summary: 'Enrol a token',
  description:
    'The service makes up the secret and never tells it. A serial the user holds already is enrolled ' +
    'anew, with a new secret.',
  access: 'admin',
  rights: () => ['enrollEMAIL'],
  body: {
    title: 'NewToken',
    type: 'object',
    properties: {
      user: { ...user, description: 'The owner; absent for a token that belongs to nobody.' },
      realm,
      serial: {
        ...serial,
        // A digit keeps it apart from what every JavaScript object has.
        pattern: '^(?=.*[0-9])[0-9A-Za-z_-]+$',
        description: 'At least one digit. Made up when absent.',
      },
      email: {
        type: 'string',
        format: 'idn-email',
        minLength: 1,
        maxLength: 254,
        description: "Where its codes go. Absent: the user's address, read at send time.",
      },
      pin: {
        type: 'string',
        maxLength: 255,
        writeOnly: true,
        description: 'Absent or empty: none on a new token, the old one on a token enrolled anew.',
      },
      digits: { type: 'integer', minimum: 4, maximum: 12, description: 'Length of a code.' },
      algorithm: { type: 'string', maxLength: 6, enum: ['sha1', 'sha256', 'sha512'] },
      description: { type: 'string', maxLength: 255 },
    },
    additionalProperties: false,
  },
  example: { user: 'alice', pin: 'correct horse' },
  replies: {
    201: { ...oneToken, location: true },
    404: { description: 'There is no such user.' },
    409: { description: "The serial is another user's, or the user has too many tokens." },
  },
  async handle(ports: Ports, { request, body: { user, realm, ...enrolment } }) {
    const owner = user === undefined ? undefined : await findAccount(ports, { user, realm })
    if (owner && !owner.found) return problem('not_found', { detail: 'There is no such user.' })
    if (enrolment.email !== undefined) {
      const account = owner?.account ?? newAccount('', '')
      await typedAddress(ports, 'email', enrolment.email, { account, request })
    }
    const asked = { ...enrolment, account: owner?.account }
    const result = await enrolAndTell(ports, asked, actingCaller(request))
    if (!result.enrolled) return refused(result.reason)
    const { account, token } = result
    const { login, realm: inRealm } = account
    request.target = { login, realm: inRealm, serials: [token.serial] }
    const location = `/v1/tokens/${token.serial}`
    return jsonReply(201, tokenView(result), { location })
  },
})

function refused(reason: EnrolRefusal['reason']): Reply {
  if (reason === 'no_address') throw new MissingParameterError('email')
  return problem(reason === 'too_many' ? 'too_many_tokens' : 'serial_taken')
}

export const listTokensOperation = operation({
  id: 'listTokens',
  method: 'GET',
  path: '/v1/tokens',
  tag: 'Tokens',
  summary: 'List tokens',
  description: 'In the order of the serials. Every page reads the whole directory unless narrowed.',
  access: 'admin',
  rights: () => ['tokenlist'],
  query: {
    type: 'object',
    properties: {
      user: { ...user, description: 'Only those of this user.' },
      realm,
      serial: {
        ...serial,
        pattern: '^[0-9A-Za-z_*-]+$',
        description: 'Only these serials; `*` stands for any characters.',
      },
      ...PAGE_QUERY,
    },
    additionalProperties: false,
  },
  replies: {
    200: pageDoc({
      ...{ title: 'Tokens', description: 'A page of tokens.', name: 'tokens' },
      ...{ item: tokenSchema, example: oneToken.example },
    }),
  },
  async handle(ports: Ports, { query: { user, realm, serial, ...page } }) {
    if (realm !== undefined && user === undefined) throw new MissingParameterError('user')
    const owner =
      user === undefined ? undefined : nameOf(user, realm, await ports.settings.current())
    const held = await listTokens(ports.accounts, { owner, serial })
    const { items, next_cursor } = await pageOf(held, ({ token }) => token.serial, page)
    return jsonReply(200, { tokens: items.map(tokenView), next_cursor })
  },
})

export const readToken = operation({
  id: 'readToken',
  method: 'GET',
  path: '/v1/tokens/{serial}',
  tag: 'Tokens',
  summary: 'Look up a token',
  access: 'admin',
  rights: () => ['tokenlist'],
  replies: { 200: oneToken, 404: { description: 'There is no such token.' } },
  handle: (ports: Ports, call) => tokenReply(ports, call),
})
