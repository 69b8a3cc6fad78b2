import { disputeChange } from '../../../core/registration.ts'
import { emptyReply } from '../../reply.ts'
import { transactionId } from '../path-parameters.ts'
import { problem } from '../problem.ts'
import { openSelfOperation } from './operation.ts'

/** Needs no session: whoever reads the old address may have none any more. */
export const disputeAddress = openSelfOperation({
  id: 'disputeAddress',
  method: 'POST',
  path: '/v1/self/disputes',
  summary: 'Say that it was not you who changed the address',
  description:
    'By what the notice to the old address says. The tokens of the account are disabled and its ' +
    'sessions end, until an administrator has looked at it. Gives no access.',
  body: {
    title: 'Dispute',
    type: 'object',
    properties: {
      reference: { ...transactionId, description: 'The reference of the notice.' },
      code: {
        type: 'string',
        minLength: 1,
        maxLength: 64,
        writeOnly: true,
        description: 'The code of the notice, as typed.',
      },
    },
    required: ['reference', 'code'],
    additionalProperties: false,
  },
  example: { reference: '01234567890123456789', code: '2345-ABCD-6789-EFGH' },
  replies: {
    204: { description: 'The account is protected.' },
    403: {
      description:
        'No such notice, a wrong code, too late, too many tries, or said before: which is not told.',
    },
  },
  async handle(ports, { body: { reference, code }, request }) {
    const result = await disputeChange(ports, reference, code, request.requestId)
    if (!result.disputed) {
      request.refusedBy = 'dispute'
      return problem('wrong_code')
    }
    const { login, realm, tokens } = result.account
    request.target = { login, realm, serials: Object.keys(tokens) }
    return emptyReply()
  },
})
