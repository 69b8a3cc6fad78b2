/** The second half of an enrolment: the code that proves the address of a new token. */
import type { Account } from '../../core/account.ts'
import { findAccount } from '../../core/find-account.ts'
import {
  awaitsVerification,
  mailVerification,
  verifyEnrolment,
} from '../../core/verify-enrolment.ts'
import { loginCaller } from '../callers.ts'
import type { Reply } from '../reply.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type AdminCall, valueReply } from './admin-route.ts'
import { messagesOf } from './envelope.ts'
import { refused, unusable } from './refused.ts'
import { heldToken } from './token-subject.ts'
import { NOT_SENT } from './validate.ts'

/** Answers `/token/init` with `verify`: the token can be used once the code was right. */
export async function verifyToken(ports: AdminPorts, call: AdminCall): Promise<Reply> {
  const { parameters, request, frame } = call
  const otp = parameters.text('verify') ?? ''
  const { account, serial } = await heldToken(ports, call, 'enrollEMAIL')
  const answer = { otp, nonce: request.requestId }
  const verified = await verifyEnrolment(ports, account, serial, answer)
  if (!verified) throw unusable('Verification of the new token failed.')
  return valueReply(true, frame, { rollout_state: 'enrolled', serial })
}

/** Refuses to enrol a token anew while the code for it can still be entered. */
export async function refuseUnverified(
  ports: AdminPorts,
  serial: string | undefined,
): Promise<void> {
  if (serial === undefined) return
  const found = await findAccount(ports, { serial })
  if (!found.found || !awaitsVerification(found.account, serial, ports.now())) return
  throw unusable("Token is in verify_pending state but 'verify' parameter is missing.")
}

/** Mails the code; what to ask the person with, or that no mail could be sent. */
export async function askForCode(
  ports: AdminPorts,
  { parameters, request, frame }: AdminCall,
  account: Account,
  serial: string,
): Promise<{ message: string }> {
  const mail = await mailVerification(ports, account, serial, loginCaller(ports, request))
  if (!mail.sent && parameters.flag('exception')) throw refused(NOT_SENT)
  const { prompt, notSent } = messagesOf(frame)
  return { message: mail.sent ? prompt : notSent }
}
