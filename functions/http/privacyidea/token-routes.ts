/** `/token/…`: what an administrator does with e-mail tokens. */
import type { Account } from '../../core/account.ts'
import { type EnrolRefusal, enrolToken } from '../../core/enrol-token.ts'
import { findAccount, type Found, nameOf } from '../../core/find-account.ts'
import { listTokens } from '../../core/list-tokens.ts'
import { deleteToken, resetFailures, revoke, setEnabled, setPin } from '../../core/manage-tokens.ts'
import type { Ports } from '../../core/ports.ts'
import { isMailbox } from '../../mail/mailbox.ts'
import { requireSession } from '../callers.ts'
import { MalformedRequestError } from '../errors.ts'
import { MissingParameterError, type Parameters } from '../parameters.ts'
import type { Reply } from '../reply.ts'
import type { Route } from '../router.ts'
import { failure, type Frame, success } from './envelope.ts'
import { tokenView } from './token-view.ts'
import type { Call, Handler } from './wire.ts'

const SERIAL = /^[0-9a-zA-Z_-]{1,40}$/
const ALGORITHMS = ['sha1', 'sha256', 'sha512'] as const
const REFUSED: Record<EnrolRefusal['reason'], string> = {
  serial_of_other: 'serial belongs to another user; choose another one.',
  bad_serial: 'serial is a reserved word; choose another one.',
  no_address: 'Missing parameter: email',
  too_many: 'user has too many tokens; delete one first.',
}

const init: Handler<Ports> = async (ports, { parameters, frame }) => {
  refuseOtherTypes(parameters)
  const owner = parameters.named('user')
    ? await findAccount(ports, { user: parameters.named('user'), realm: parameters.named('realm') })
    : undefined
  if (owner && !owner.found) return unknownUser(frame)
  const result = await enrolToken(ports, {
    account: owner?.account,
    serial: readSerial(parameters),
    email: readAddress(parameters),
    pin: parameters.text('pin'),
    secret: readSecret(parameters),
    digits: parameters.integer('otplen', 6, 10),
    algorithm: readAlgorithm(parameters),
    description: parameters.text('description'),
  })
  if (!result.enrolled) {
    const message = `ERR905: ${REFUSED[result.reason]}`
    return failure({ status: 400, code: 905, message }, frame)
  }
  const { serial, rollout } = result.token
  const detail = { serial, rollout_state: rollout }
  return success({ id: 1, value: true, detail }, frame)
}

function refuseOtherTypes(parameters: Parameters): void {
  const type = parameters.named('type')?.toLowerCase() ?? 'email'
  if (type === 'email') return
  throw new MalformedRequestError(`type is ${type.slice(0, 32)}; only email is accepted.`, 'type')
}

function readSerial(parameters: Parameters): string | undefined {
  const serial = parameters.named('serial')
  if (serial === undefined || SERIAL.test(serial)) return serial
  throw new MalformedRequestError('Invalid serial number. Must comply to ^[0-9a-zA-Z\\-_]+$.', 'serial')
}

/** The address to store, or undefined where it is to be read from the user at send time. */
function readAddress(parameters: Parameters): string | undefined {
  if (parameters.flag('dynamic_email')) return undefined
  const address = parameters.required('email')
  if (isMailbox(address)) return address
  throw new MalformedRequestError('email is not one e-mail address like name@example.org.', 'email')
}

function readSecret(parameters: Parameters): Buffer | undefined {
  const hex = parameters.named('otpkey')
  if (hex === undefined || parameters.flag('genkey')) return undefined
  if (/^(?:[0-9a-f]{2}){16,64}$/i.test(hex)) return Buffer.from(hex, 'hex')
  throw new MalformedRequestError('otpkey is not 16 to 64 bytes in hexadecimal.', 'otpkey')
}

function readAlgorithm(parameters: Parameters) {
  const name = parameters.named('hashlib')
  const algorithm = ALGORITHMS.find((one) => one === name)
  if (name === undefined || algorithm) return algorithm
  throw new MalformedRequestError(`hashlib is not one of ${ALGORITHMS.join(', ')}.`, 'hashlib')
}

const list: Handler<Ports> = async (ports, { parameters, frame }) => {
  const settings = await ports.settings.current()
  const user = parameters.named('user')
  const owner = user ? nameOf(user, parameters.named('realm'), settings) : undefined
  if (owner && !(await findAccount(ports, { user, realm: parameters.named('realm') })).found) {
    return unknownUser(frame)
  }
  const found = await listTokens(ports.accounts, { owner, serial: parameters.named('serial') })
  const size = parameters.integer('pagesize', 1, 1000) ?? 15
  const page = parameters.integer('page', 1, 1_000_000) ?? 1
  const value = {
    count: found.length,
    next: page * size < found.length ? page + 1 : null,
    prev: page > 1 ? page - 1 : null,
    tokens: found.slice((page - 1) * size, page * size).map(tokenView),
  }
  return success({ id: 1, value }, frame)
}

function unknownUser(frame: Frame): Reply {
  const message = 'ERR904: The user can not be found in any resolver in this realm!'
  return failure({ status: 400, code: 904, message }, frame)
}

type Change = (ports: Ports, account: Account, serial: string, call: Call) => Promise<boolean>

/** A route that changes the tokens named by serial, or all of a user's; value: how many changed. */
const changing =
  (change: Change): Handler<Ports> =>
  async (ports, call) => {
    const { parameters, path, frame } = call
    const serial = path.serial ?? parameters.named('serial')
    const user = parameters.named('user')
    if (!serial && !user) throw new MissingParameterError("'serial' or 'serials'")
    const subject = { serial, user, realm: parameters.named('realm') }
    const found = await findAccount(ports, subject)
    if (!found.found) return notFound(found, frame)
    let changed = 0
    for (const one of found.serials) {
      const account = await ports.accounts.get(found.account.key)
      if (account && (await change(ports, account, one, call))) changed++
    }
    return success({ id: 1, value: changed }, frame)
  }

function notFound(found: Extract<Found, { found: false }>, frame: Frame): Reply {
  if (found.reason !== 'unknown_serial') return unknownUser(frame)
  const message = `No token found for serials: ${found.serial}`
  return failure({ status: 404, code: 601, message }, frame)
}

const setPinRoute: Change = async (ports, account, serial, { parameters }) => {
  const pin = parameters.text('otppin') ?? parameters.text('pin')
  return pin === undefined ? false : setPin(ports, account, serial, pin)
}

const CHANGES: Record<string, Change> = {
  enable: (ports, account, serial) => setEnabled(ports, account, serial, true),
  disable: (ports, account, serial) => setEnabled(ports, account, serial, false),
  reset: resetFailures,
  revoke,
  setpin: setPinRoute,
}

const signedIn =
  (handle: Handler<Ports>): Handler<Ports> =>
  async (ports, call) => {
    await requireSession(ports, call.request, 'admin', { bearer: false })
    return handle(ports, call)
  }

export const TOKEN_ROUTES: Route<Handler<Ports>>[] = [
  { method: 'POST', path: '/token/init', handle: init },
  { method: 'GET', path: '/token/', handle: list },
  { method: 'GET', path: '/token', handle: list },
  ...Object.entries(CHANGES).flatMap(([verb, change]) => [
    { method: 'POST', path: `/token/${verb}`, handle: changing(change) },
    { method: 'POST', path: `/token/${verb}/{serial}`, handle: changing(change) },
  ]),
  { method: 'DELETE', path: '/token/{serial}', handle: changing(deleteToken) },
].map((route) => ({ ...route, handle: signedIn(route.handle) }))
