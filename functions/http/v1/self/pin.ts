import { changePin } from '../../../core/self/change-pin.ts'
import { MalformedRequestError } from '../../errors.ts'
import { serial } from '../path-parameters.ts'
import { problem } from '../problem.ts'
import { selfOperation } from './operation.ts'
import { newSession, sessionReply } from './sessions.ts'

const PIN = { type: 'string', maxLength: 255, writeOnly: true } as const

export const changeOwnPin = selfOperation({
  id: 'changeOwnPin',
  method: 'PUT',
  path: '/v1/self/pin',
  summary: 'Choose another PIN',
  description:
    'Ends every session, and every code that waits for its answer; the reply has a new session, ' +
    'which is as fresh as the one before and lasts as long.',
  fresh: true,
  right: 'setpin',
  body: {
    title: 'PinChange',
    type: 'object',
    properties: {
      old: { ...PIN, description: 'Looked at where it is given.' },
      new: { ...PIN, minLength: 1 },
      serial: { ...serial, description: 'Only of this token; absent: of all that mail codes.' },
    },
    required: ['new'],
    additionalProperties: false,
  },
  example: { old: 'correct horse', new: 'battery staple' },
  replies: {
    201: sessionReply,
    403: {
      description:
        'The old PIN is wrong (`wrong_pin`), or the session is not fresh (`reauthentication_required`).',
    },
    409: { description: 'You have no token with a PIN to change.' },
  },
  async handle(ports, { body, self, request }) {
    const refused = self.pinRefusal(body.new)
    if (refused !== undefined) throw new MalformedRequestError(`${refused}.`, 'new')
    const result = await changePin(ports, self.account, { ...body, caller: self.caller })
    if (!result.changed) return problem(result.reason)
    const { account, serials } = result
    request.target = { login: account.login, realm: account.realm, serials }
    const { session } = self
    const start = { account, serial: session.serial! }
    return newSession(ports, { ...start, goesOn: session })
  },
})
