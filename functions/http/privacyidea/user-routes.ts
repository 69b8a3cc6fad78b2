/** `/user/…`: the users of the built-in directory. */
import { nameOf } from '../../core/find-account.ts'
import type { Ports } from '../../core/ports.ts'
import { addUser, removeUser } from '../../core/users.ts'
import { isMailbox } from '../../mail/mailbox.ts'
import { requireSession } from '../callers.ts'
import { MalformedRequestError } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import type { Route } from '../router.ts'
import { failure, success } from './envelope.ts'
import type { Handler } from './wire.ts'

const PROFILE = ['givenname', 'surname', 'phone', 'mobile'] as const

const add: Handler<Ports> = async (ports, { request, parameters, frame }) => {
  await requireSession(ports, request, 'admin', { bearer: false })
  const { login, realm } = await subject(ports, parameters.required('user'), parameters)
  const email = parameters.named('email')
  if (email !== undefined && !isMailbox(email)) {
    throw new MalformedRequestError('email is not one e-mail address like name@example.org.', 'email')
  }
  const profile = Object.fromEntries(
    [['email', email], ...PROFILE.map((name) => [name, parameters.named(name)])].filter(
      ([, value]) => value !== undefined,
    ),
  )
  if (await addUser(ports, realm, login, profile)) {
    return success({ id: 1, value: login, detail: { user_id: login } }, frame)
  }
  const message = `ERR905: user ${login} exists in realm ${realm}.`
  return failure({ status: 400, code: 905, message }, frame)
}

const remove: Handler<Ports> = async (ports, { request, parameters, path, frame }) => {
  await requireSession(ports, request, 'admin', { bearer: false })
  const { login, realm } = await subject(ports, path.user!, parameters)
  return success({ id: 1, value: await removeUser(ports, realm, login) }, frame)
}

async function subject({ settings }: Ports, user: string, parameters: Parameters) {
  const current = await settings.current()
  const who = nameOf(user, parameters.named('realm'), current)
  if (current.realms.has(who.realm)) return who
  throw new MalformedRequestError(
    `realm ${who.realm} does not exist; declare it by the parameter realms/${who.realm}.`,
    'realm',
  )
}

export const USER_ROUTES: Route<Handler<Ports>>[] = [
  { method: 'POST', path: '/user/', handle: add },
  { method: 'POST', path: '/user', handle: add },
  { method: 'DELETE', path: '/user/{resolver}/{user}', handle: remove },
]
