/** `/auth` by a user's token instead of their password: the policy `login_mode=privacyIDEA`. */
import type { Account } from '../../core/account.ts'
import { authenticate, type Decided } from '../../core/authenticate.ts'
import type { Who } from '../../core/find-account.ts'
import type { Ports } from '../../core/ports.ts'
import { loginCaller } from '../callers.ts'
import type { Reply } from '../reply.ts'
import { failure, messagesOf, success } from './envelope.ts'
import { loginView } from './login-view.ts'
import type { Call } from './wire.ts'

export type TokenSignIn =
  | { signedIn: true; account: Account; epoch: number; detail: object }
  | { signedIn: false; reply: Reply }

const WRONG = {
  status: 401,
  code: 4031,
  message: 'Authentication failure. Wrong credentials',
}

/** The steps of a login, with the parameters of `/auth`: PIN, or OTP with a transaction_id. */
export async function tokenSignIn(
  ports: Ports,
  { parameters, request, frame }: Call,
  who: Who,
): Promise<TokenSignIn> {
  const decided = await authenticate(ports, {
    who,
    pass: parameters.text('password') ?? '',
    transactionId: parameters.scalar('transaction_id') || parameters.scalar('state'),
    nonce: request.requestId,
    caller: { ...loginCaller(ports, request), isSelfService: true },
  })
  const view = loginView(decided, messagesOf(frame), await ports.settings.current())
  const detail = { ...withoutMode('failure' in view ? {} : view.detail), loginmode: 'privacyIDEA' }
  if (!('failure' in view)) {
    const { authentication } = view
    if (authentication === 'ACCEPT' && hasProvenFactor(decided)) {
      const { account, epoch } = decided
      return { signedIn: true, account, epoch: epoch!, detail }
    }
    if (authentication === 'CHALLENGE') {
      const reply = success({ id: 2, value: false, authentication, detail }, frame)
      return { signedIn: false, reply }
    }
  }
  return {
    signedIn: false,
    reply: failure({ ...WRONG, detail: { ...detail, threadid: 1 } }, frame),
  }
}

/** A session needs more than a policy that lets in whoever has nothing to prove it with. */
const hasProvenFactor = (outcome: Decided): outcome is Decided & { account: Account } =>
  outcome.account?.login !== undefined &&
  (outcome.outcome !== 'passed' || outcome.by === 'userstore' || outcome.by === 'cancelled')

/** The sign-in page asks for codes by typing only. */
function withoutMode(detail: object = {}): object {
  const { preferred_client_mode: _mode, ...rest } = detail as { preferred_client_mode?: string }
  return rest
}
