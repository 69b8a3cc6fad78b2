/** `/linotp/validate/…`: one login, in the shapes of LinOTP's routes. */
import type { Account } from '../../core/account.ts'
import { authenticate, type Decided } from '../../core/authenticate.ts'
import type { Caller } from '../../core/caller.ts'
import { evenOut } from '../../core/even-out.ts'
import { findAccount, type Subject } from '../../core/find-account.ts'
import type { Ports } from '../../core/ports.ts'
import type { Logged } from '../application.ts'
import type { Parameters } from '../parameters.ts'
import { type Reply, textReply } from '../reply.ts'
import { userInfo } from '../user-info.ts'
import { type Frame, messagesOf, neither, value } from './envelope.ts'
import { optionsOf, subjectOf } from './validate-attempt.ts'
import { type LoginView, loginView } from './validate-view.ts'

/** A login request as the wire has it. `nonce` is unique per request. */
export type Login = { parameters: Parameters; frame: Frame; caller: Caller; nonce: string }

/** What LinOTP says of a request it can do nothing with: no, as to a wrong password. */
export const no = (frame: Frame): Reply => value(false, { id: 0 }, frame)

/** A login step: the PIN has a code mailed, the code lets in. */
export async function check(ports: Ports, login: Login): Promise<Reply | Logged> {
  const subject = subjectOf(login.parameters, await ports.settings.current())
  return subject ? checked(ports, login, subject) : no(login.frame)
}

async function checked(ports: Ports, login: Login, subject: Subject): Promise<Reply | Logged> {
  const step = await decide(ports, login, subject)
  return step
    ? { outcome: step.decided, reply: viewReply(step.view, login.frame) }
    : no(login.frame)
}

const viewReply = ({ accepted, detail }: LoginView, frame: Frame) =>
  value(accepted, { id: 0, detail }, frame)

/** As {@link check} by the serial of a token, or by a user who has one token only. */
export async function checkSerial(ports: Ports, login: Login): Promise<Reply | Logged> {
  const { parameters, frame } = login
  const settings = await ports.settings.current()
  const subject = subjectOf(parameters, settings)
  const pass = parameters.text('pass')
  const hides = settings.profile === 'hardened'
  if (!subject || pass === undefined) return hides ? no(frame) : neither(frame)
  if (subject.serial) return checked(ports, login, subject)

  const found = await findAccount(ports, subject)
  const [serial, ...others] = found.found ? found.serials : []
  if (serial !== undefined && others.length === 0) {
    return checked(ports, login, { ...subject, serial })
  }
  await evenOut(ports, { typed: pass })
  return hides ? no(frame) : neither(frame)
}

/** As {@link check} in one line of text: a smile lets in. */
export async function simpleCheck(ports: Ports, login: Login): Promise<Reply | Logged> {
  const subject = subjectOf(login.parameters, await ports.settings.current())
  const step = subject && (await decide(ports, login, subject))
  if (!step) return textReply(200, NO)
  const { accepted, challenge } = step.view
  const asked = challenge ? `${NO} ${challenge.transactionid} ${challenge.message}` : NO
  return { outcome: step.decided, reply: textReply(200, accepted ? YES : asked) }
}

const [YES, NO] = [':-)', ':-(']

/** As {@link check} for SAML providers: with what is known of the person, where the settings say so. */
export async function samlCheck(ports: Ports, login: Login): Promise<Reply | Logged> {
  const { parameters, frame } = login
  const settings = await ports.settings.current()
  const subject = subjectOf(parameters, settings)
  const step = subject && (await decide(ports, login, subject))
  if (!step) return no(frame)
  const { decided, view } = step
  const { accepted: auth, detail } = view
  const tells = auth && settings.allowSamlAttributes && decided.account
  const attributes = tells ? samlAttributes(tells) : {}
  return { outcome: decided, reply: value({ auth, attributes }, { id: 0, detail }, frame) }
}

function samlAttributes(account: Account) {
  const { userid: _userid, ...attributes } = userInfo(account)
  return attributes
}

type Step = { decided: Decided; view: LoginView }

/** Undefined: there is no `pass`. The empty one is a PIN like any other. */
async function decide(ports: Ports, login: Login, subject: Subject): Promise<Step | undefined> {
  const { parameters, caller, nonce, frame } = login
  const pass = parameters.text('pass')
  if (pass === undefined) return undefined
  const settings = await ports.settings.current()
  const { authInfo, ...options } = optionsOf(parameters)
  const resendAfter = settings.EmailBlockingTimeout
  const attempt = { ...subject, ...options, pass, nonce, caller, resendAfter }
  const decided = await authenticate(ports, attempt)
  const measured = authInfo ? pass : undefined
  const view = loginView(decided, { messages: messagesOf(frame), settings, measured })
  return { decided, view }
}
