/** Signing in to the self-service, doing so again, and signing out. */
import {
  issueSelfSession,
  endSelfSession,
  endSelfSessions,
  freshUntil,
  type SessionStart,
} from '../../../core/self/session.ts'
import { proveFactors, type SelfStep, signInStep } from '../../../core/self/sign-in.ts'
import type { Settings } from '../../../core/settings.ts'
import type { Logged } from '../../application.ts'
import { MalformedRequestError } from '../../errors.ts'
import { emptyReply, jsonReply, type Reply } from '../../reply.ts'
import type { HttpRequest } from '../../request.ts'
import { challengedReply, challengeView } from '../login-replies.ts'
import type { ReplyDoc } from '../operation.ts'
import { realm, transactionId, user } from '../path-parameters.ts'
import { refusal, rejectedReply } from '../refusal.ts'
import type { ObjectSchema } from '../schema.ts'
import { OTP, typedOtp } from '../typed-otp.ts'
import { personAt } from './caller.ts'
import { openSelfOperation, selfOperation } from './operation.ts'
import type { SelfPorts } from './ports.ts'

const FACTORS = {
  pin: {
    type: 'string',
    maxLength: 1024,
    writeOnly: true,
    description: 'The PIN of the token; the password of a user who has no token yet.',
  },
  transaction_id: transactionId,
  otp: OTP,
} as const
/** First the PIN, then the code. */
const STEPS = [
  { required: ['pin'] },
  { required: ['transaction_id', 'otp'] },
] as const satisfies ObjectSchema['anyOf']

type Factors = { pin?: string; transaction_id?: string; otp?: string }

/** What is typed in this step. Both at once would leave it open which one was meant. */
function stepOf({ pin, transaction_id, otp }: Factors) {
  if (pin === undefined) return { pass: typedOtp(otp!), transactionId: transaction_id! }
  const other =
    transaction_id === undefined ? (otp === undefined ? undefined : 'otp') : 'transaction_id'
  if (other === undefined) return { pass: pin }
  throw new MalformedRequestError(
    `${other} and pin do not go together: first the pin, then the code.`,
    other,
  )
}

export const sessionReply: ReplyDoc = {
  description: 'Send the session as `Authorization: Bearer …`.',
  schema: {
    title: 'SelfSession',
    type: 'object',
    properties: {
      session: { type: 'string' },
      purpose: {
        type: 'string',
        enum: ['full', 'activation'],
        description: '`activation`: of a user without a token, for a first address and token only.',
      },
      expires_in: { type: 'integer', description: 'Seconds.' },
      auth_time: { type: 'string', format: 'date-time', description: 'When it was signed in.' },
      reauthenticate_in: {
        type: 'integer',
        description: 'Seconds in which it is fresh: what changes a factor needs that.',
      },
    },
    required: ['session', 'purpose', 'expires_in', 'auth_time', 'reauthenticate_in'],
  },
  example: {
    session: 'eyJhbGciOi…',
    purpose: 'full',
    expires_in: 1800,
    auth_time: '2026-11-21T12:00:00.000Z',
    reauthenticate_in: 300,
  },
}

const mailedReply: ReplyDoc = { ...challengedReply, location: false }

/** A session that begins now. */
export async function newSession(ports: SelfPorts, start: SessionStart): Promise<Reply> {
  const { session, token } = await issueSelfSession(ports, start)
  const settings = await ports.settings.current()
  const now = ports.now()
  const secondsTo = (moment: number) => Math.max(0, Math.ceil((moment - now) / 1000))
  const body = {
    session: token,
    purpose: session.purpose,
    expires_in: secondsTo(session.exp * 1000),
    auth_time: new Date(session.auth_time * 1000).toISOString(),
    reauthenticate_in: secondsTo(freshUntil(session, settings)),
  }
  return jsonReply(201, body)
}

/** What a step of a sign-in is told. */
async function stepReply(
  ports: SelfPorts,
  step: SelfStep,
  request: HttpRequest,
): Promise<Logged | Reply> {
  const settings = await ports.settings.current()
  if (!step.proven)
    return { outcome: step.outcome, reply: await unprovenReply(ports, step, settings) }
  const { account, epoch, serial, outcome } = step
  const { login, realm } = account
  request.actor = { username: login!, realm, role: 'user' }
  request.target = { login, realm, ...(serial === undefined ? {} : { serials: [serial] }) }
  const reply = await newSession(ports, {
    account,
    epoch,
    ...(serial === undefined ? {} : { serial }),
  })
  return outcome ? { outcome, reply } : reply
}

async function unprovenReply(
  ports: SelfPorts,
  { outcome }: Extract<SelfStep, { proven: false }>,
  settings: Settings,
): Promise<Reply> {
  switch (outcome.outcome) {
    case 'challenged':
      return jsonReply(202, challengeView(outcome, settings))
    case 'rejected':
      return refusal(ports, outcome)
    default:
      return refusal(ports, { reason: 'step_missing' })
  }
}

export const createSelfSession = openSelfOperation({
  id: 'createSelfSession',
  method: 'POST',
  path: '/v1/self/sessions',
  summary: 'Sign in to the self-service',
  description:
    'The PIN has a code mailed; the code, with the transaction_id, makes a session. Codes of logins are ' +
    'of no use here, and this one is of none elsewhere. A user who has no token yet gets a session for ' +
    'their password, if policies let them register one (`enrollEMAIL`); it is good for nothing else.',
  body: {
    title: 'NewSelfSession',
    type: 'object',
    properties: { user, realm, ...FACTORS },
    required: ['user'],
    anyOf: STEPS,
    additionalProperties: false,
  },
  example: { user: 'alice', pin: 'correct horse' },
  replies: { 201: sessionReply, 202: mailedReply, 403: rejectedReply },
  async handle(ports, { body: { user, realm, ...factors }, request }) {
    const caller = personAt(request)
    const attempt = { ...stepOf(factors), user, realm, nonce: request.requestId, caller }
    return stepReply(ports, await signInStep(ports, attempt), request)
  },
})

export const reauthenticate = selfOperation({
  id: 'reauthenticate',
  method: 'POST',
  path: '/v1/self/reauthentications',
  summary: 'Sign in once more',
  description:
    'As the sign-in: the PIN, then the code. Makes a fresh session, which may change factors for ' +
    '`selfservice.reauth_minutes`. The one before lasts as long as it would have.',
  body: {
    title: 'Reauthentication',
    type: 'object',
    properties: FACTORS,
    anyOf: STEPS,
    additionalProperties: false,
  },
  example: { transaction_id: '01234567890123456789', otp: '287082' },
  replies: { 201: sessionReply, 202: mailedReply, 403: rejectedReply },
  async handle(ports, { body, self, request }) {
    const { login, realm, key } = self.account
    const who = { login: login!, realm }
    const attempt = { ...stepOf(body), who, nonce: request.requestId, caller: self.caller }
    const step = await proveFactors(ports, attempt)
    // a policy may move a name to another realm: that is somebody else
    if (step.proven && step.account.key !== key) return refusal(ports, { reason: 'unknown' })
    return stepReply(ports, step, request)
  },
})

const SIGNED_OUT = { 204: { description: 'Signed out.' } }

export const endCurrentSession = selfOperation({
  id: 'endSelfSession',
  method: 'DELETE',
  path: '/v1/self/sessions/current',
  summary: 'Sign out',
  activation: true,
  replies: SIGNED_OUT,
  async handle(ports, { self: { account, session } }) {
    await endSelfSession(ports, account, session)
    return emptyReply()
  },
})

export const endAllSessions = selfOperation({
  id: 'endSelfSessions',
  method: 'DELETE',
  path: '/v1/self/sessions',
  summary: 'Sign out everywhere',
  activation: true,
  replies: SIGNED_OUT,
  async handle(ports, { self: { account } }) {
    await endSelfSessions(ports, account)
    return emptyReply()
  },
})
