/** "Send me a test code": whether a token's codes arrive. */
import { answerTest, mailTestCode } from '../../../core/self/test-token.ts'
import { jsonReply } from '../../reply.ts'
import { challengedReply, challengeView } from '../login-replies.ts'
import { problem } from '../problem.ts'
import { OTP, typedOtp } from '../typed-otp.ts'
import { selfOperation } from './operation.ts'
import { ownToken } from './own-tokens.ts'

const PATH = '/v1/self/tokens/{serial}/test'

export const startTest = selfOperation({
  id: 'startTokenTest',
  method: 'POST',
  path: PATH,
  summary: 'Have a test code mailed',
  description: 'It counts with all mails. The code is of no use for any login.',
  replies: {
    202: { ...challengedReply, location: false },
    404: { description: 'You have no such token.' },
    422: { description: '`reason` says why no code was mailed.' },
  },
  async handle(ports, { path, self, request }) {
    const serial = path.serial!
    const token = ownToken(self, request, serial)
    if (!token || token.type === 'spass') return problem('not_found')
    const result = await mailTestCode(ports, self.account, serial, self.caller)
    if (!result.mailed) return problem('not_sent', { reason: result.reason })
    const { account, challenge } = result
    return jsonReply(202, challengeView({ account, issued: [challenge] }, self.settings))
  },
})

export const endTest = selfOperation({
  id: 'answerTokenTest',
  method: 'POST',
  path: `${PATH}/{transaction_id}`,
  summary: 'Enter the test code',
  body: {
    title: 'TestAnswer',
    type: 'object',
    properties: {
      otp: OTP,
    },
    required: ['otp'],
    additionalProperties: false,
  },
  example: { otp: '287082' },
  replies: {
    200: {
      description: 'Whether the test was passed.',
      schema: {
        title: 'TestResult',
        type: 'object',
        properties: { passed: { type: 'boolean' } },
        required: ['passed'],
      },
      example: { passed: true },
    },
    404: { description: 'You have no such test.' },
  },
  async handle(ports, { path, body: { otp }, self, request }) {
    const serial = path.serial!
    if (!ownToken(self, request, serial)) return problem('not_found')
    const passed = await answerTest(ports, self.account, {
      serial,
      transactionId: path.transaction_id!,
      otp: typedOtp(otp),
      nonce: request.requestId,
    })
    return passed === undefined ? problem('not_found') : jsonReply(200, { passed })
  },
})
