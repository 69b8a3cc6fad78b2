/** `/auth`: sessions for administrators and users. */
import { type Account, accountKey } from '../../core/account.ts'
import { resolverOf } from '../../core/directory.ts'
import { evenly } from '../../core/even-out.ts'
import { nameOf, type Who } from '../../core/find-account.ts'
import type { Outcome } from '../../core/outcome.ts'
import { ADMIN_RIGHTS, USER_RIGHTS } from '../../core/policy/actions.ts'
import type { Actor } from '../../core/policy/actor.ts'
import { rights } from '../../core/policy/rights.ts'
import { webuiRules } from '../../core/policy/webui-rules.ts'
import { findElsewhere } from '../../core/remote-user.ts'
import { sessionEpochOf } from '../../core/session-epoch.ts'
import { issueSession, signIn } from '../../core/sign-in.ts'
import { checkPassword } from '../../core/sign-in-user.ts'
import type { Settings } from '../../core/settings.ts'
import type { Reply } from '../reply.ts'
import type { HttpRequest } from '../request.ts'
import type { Route } from '../router.ts'
import type { AdminPorts } from './admin-ports.ts'
import { sharedRoute, valueReply } from './admin-route.ts'
import { authValue } from './auth-value.ts'
import { type Frame, success } from './envelope.ts'
import { refused } from './refused.ts'
import { tokenSignIn } from './token-sign-in.ts'
import type { Call, Handler } from './wire.ts'

/** Somebody who has proven to be who they say. */
export type Identity = {
  username: string
  role: 'admin' | 'user'
  realm: string
  resolver?: string
  /** Of a user: that of the account before anything was proven. */
  epoch?: number
}

const auth: Handler<AdminPorts> = async (ports, call) => {
  const { parameters, request, frame } = call
  const username = parameters.named('username')
  if (!username) throw notSignedIn(4032, 'Missing Username')
  const password = parameters.text('password') ?? ''
  const since = ports.now()
  const signIn = parameters.named('realm')
    ? await userSignIn(ports, call, username, password)
    : ((await adminSignIn(ports, username, password)) ??
      (await userSignIn(ports, call, username, password)))
  if ('reply' in signIn) return signIn.reply
  return signedInReply(ports, { ...signIn.identity, since }, request, frame, signIn.detail)
}

/** Who has signed in, or what else is to be done first. */
type SignIn = { identity: Identity; detail?: object } | { reply: Reply }

/** Undefined when there is no administrator of that name; users are asked then. */
async function adminSignIn(
  ports: AdminPorts,
  username: string,
  password: string,
): Promise<SignIn | undefined> {
  if (!(await ports.admins.get(username))) return undefined
  if (!(await signIn(ports, username, password))) throw wrongCredentials()
  return { identity: { username, role: 'admin', realm: '' } }
}

async function userSignIn(
  ports: AdminPorts,
  call: Call,
  username: string,
  password: string,
): Promise<SignIn> {
  const { parameters, request } = call
  const settings = await ports.settings.current()
  const who = nameOf(username, parameters.named('realm'), settings)
  const { login, realm } = who
  if (!settings.realms.has(realm)) throw notSignedIn(4031, `Unknown realm: ${realm}.`)
  const account =
    (await ports.accounts.get(accountKey(realm, login))) ??
    (await findElsewhere(ports, who, settings))
  const resolver = account && resolverOf(account, settings)
  const modeOf = (whom: Who & { resolver?: string | undefined }) =>
    webuiRules(settings.policies, { ...whom, ...callerIn(request, ports.now()) }).loginMode.value
  const mode = modeOf({ login, realm, resolver })
  if (mode === 'privacyIDEA') {
    const signIn = await tokenSignIn(ports, call, who)
    if (!signIn.signedIn) return signIn
    // a policy may have moved the login to a realm that takes no tokens
    if (modeOf(identifiedAs(signIn.account, settings)) !== mode) throw wrongCredentials()
    const { account: whose, epoch, detail } = signIn
    return { identity: { ...identityOf(whose, settings), epoch }, detail }
  }
  const byPassword = mode === 'userstore' ? account : undefined
  const said = { typed: password, user: login, combined: false }
  const outcome = await evenly<Outcome>(ports, said, async (watched) =>
    (await checkPassword(watched, byPassword, password, request.clientIp))
      ? { outcome: 'passed', by: 'userstore', policies: [] }
      : { outcome: 'rejected', reason: 'wrong_pin', serials: [] },
  )
  if (outcome.outcome === 'rejected' || !byPassword) throw wrongCredentials()
  const epoch = sessionEpochOf(byPassword)
  return { identity: { ...identityOf(byPassword, settings), epoch } }
}

const identifiedAs = (account: Account, settings: Settings) => ({
  login: account.login!,
  realm: account.realm,
  resolver: resolverOf(account, settings),
})

function identityOf(account: Account, settings: Settings): Identity {
  const { login: username, realm, resolver } = identifiedAs(account, settings)
  return { username, role: 'user', realm, resolver }
}

const callerIn = ({ clientIp, headers }: HttpRequest, now: number) => ({
  client: clientIp,
  userAgent: headers['user-agent'],
  now,
})

/** The answer to whoever has signed in, with their session. */
async function signedInReply(
  ports: AdminPorts,
  { username, role, realm, resolver, since, epoch }: Identity & { since: number },
  request: HttpRequest,
  frame: Frame,
  detail?: object,
): Promise<Reply> {
  request.actor = { username, role, realm }
  const { policies } = await ports.settings.current()
  const actor: Actor = { role, name: username, realm, resolver, ...callerIn(request, ports.now()) }
  const { allowed } = rights(policies, actor)
  const all: readonly string[] = role === 'admin' ? ADMIN_RIGHTS : USER_RIGHTS
  const who = { username, role, realm, rights: all.filter(allowed) }
  const began = { since, ...(epoch === undefined ? {} : { epoch }) }
  const value = authValue({ ...who, token: await issueSession(ports, { ...who, ...began }) })
  return success({ id: 2, value, authentication: 'ACCEPT', ...(detail ? { detail } : {}) }, frame)
}

/** The one answer to a wrong name and a wrong password. */
const wrongCredentials = (detail: object = {}) => notSignedIn(4031, 'Wrong credentials', detail)

const notSignedIn = (code: number, why: string, detail: object = {}) =>
  refused({ status: 401, code, message: `Authentication failure. ${why}`, detail })

const TYPES = {
  email: { right: 'enrollEMAIL', about: 'E-mail: a one-time password by e-mail.' },
  spass: { right: 'enrollSPASS', about: 'Simple pass: the PIN alone lets in.' },
} as const

const enrollable = sharedRoute('GET', '/auth/rights', async (_, { caller, frame }) => {
  const allowed = Object.entries(TYPES).filter(([, { right }]) => caller.may(right))
  return valueReply(Object.fromEntries(allowed.map(([type, { about }]) => [type, about])), frame)
})

export const AUTH_ROUTES: Route<Handler<AdminPorts>>[] = [
  { method: 'POST', path: '/auth', handle: auth },
  enrollable,
]
