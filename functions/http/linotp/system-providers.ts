/** `/linotp/system/…Provider`: who sends mail, in LinOTP's words. */
import * as providers from '../../core/providers.ts'
import type { ProviderResult } from '../../core/providers.ts'
import { isMailbox } from '../../mail/mailbox.ts'
import { MalformedRequestError } from '../errors.ts'
import { managedPassword } from '../managed-password.ts'
import type { Parameters } from '../parameters.ts'
import { linotpAdmin, type LinotpAdminHandler, type LinotpAdminRoute } from './admin-route.ts'
import { requireInForce } from './edit.ts'
import { type Frame, value } from './envelope.ts'
import { describedProvider, viewOf } from './provider-words.ts'
import { refusal } from './refused.ts'

const EMAIL = 'email'

/** Adds or changes a provider. `managed` makes it a managed one, or opens one that is. */
const set: LinotpAdminHandler = async (ports, { caller, request, parameters, frame }) => {
  caller.require('smtpserver_write')
  requireEmail(parameters)
  const name = parameters.required('name')
  const className = parameters.required('class')
  const timeout = parameters.required('timeout')
  const config = await parameters.file('config')
  const { settings } = await providers.storedState(ports)
  const given = { className, config: config?.trim() || undefined, timeout: timeoutOf(timeout) }
  const result = await providers.setProvider(ports, {
    name,
    ...describedProvider(given, settings.providers.get(name)),
    managed: managedPassword(request, parameters),
    asDefault: parameters.flag('default') ? 'yes' : 'if none',
  })
  finish(result)
  return value(true, {}, frame)
}

function timeoutOf(text: string): string {
  if (/^[0-9]{1,9}$/.test(text)) return text
  throw new MalformedRequestError('timeout is not a whole number of seconds.', 'timeout')
}

/**
 * Shows one provider, or all; passwords are masked, and of a managed one the whole configuration is
 * hidden. Looking changes nothing.
 */
const get: LinotpAdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('smtpserver_read')
  if (parameters.required('type') !== EMAIL) return value({}, {}, frame)
  const name = parameters.named('name')
  const { settings } = await providers.storedState(ports)
  const views = [...settings.providers]
    .filter(([each]) => name === undefined || each === name)
    .map(([each, provider]) => [each, viewOf(settings, each, provider)] as const)
  return value(Object.fromEntries(views), {}, frame)
}

const remove: LinotpAdminHandler = async (ports, { caller, request, parameters, frame }) => {
  caller.require('smtpserver_write')
  requireEmail(parameters)
  const name = parameters.required('name')
  const managed = managedPassword(request, parameters)
  return outcome(await providers.deleteProvider(ports, name, managed), frame)
}

const setDefault: LinotpAdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('smtpserver_write')
  requireEmail(parameters)
  return outcome(await providers.setDefault(ports, parameters.required('name')), frame)
}

/** Has a test mail sent; to the sender itself where no `recipient` is named. */
const test: LinotpAdminHandler = async (ports, { caller, request, parameters, frame }) => {
  caller.require('smtpserver_write')
  requireEmail(parameters)
  const name = parameters.required('name')
  const settings = await ports.settings.current()
  const sender = settings.providers.get(name)?.sender || settings['email.mailfrom']
  const to = parameters.named('recipient') ?? sender
  if (!isMailbox(to)) {
    throw new MalformedRequestError('recipient is not one e-mail address.', 'recipient')
  }
  const managed = managedPassword(request, parameters)
  const sent = await providers.testProvider(ports, { name, to, managed })
  if ('outcome' in sent) return outcome(sent, frame)
  const message = `${sent.sent ? 'Sent' : 'Not sent'} to ${to}: ${sent.reply}`
  return value(sent.sent, { detail: { message } }, frame)
}

/** The other types of LinOTP have no providers here. */
function requireEmail(parameters: Parameters): void {
  const type = parameters.required('type')
  if (type === EMAIL) return
  throw new MalformedRequestError('type is not accepted. Accepted: email.', 'type')
}

/** Refuses what was not carried out. */
export function finish(result: ProviderResult): void {
  if (result.outcome === 'unknown') throw refusal(905, `There is no provider ${result.name}.`)
  if (result.outcome === 'in use') throw refusal(905, usedBy(result.by))
  requireInForce(result)
}

/** What was not carried out is `false` with a reason; what cannot be understood is an error. */
function outcome(result: ProviderResult, frame: Frame) {
  if (result.outcome === 'unknown') {
    return value(false, { detail: { message: `There is no provider ${result.name}.` } }, frame)
  }
  if (result.outcome === 'in use') {
    return value(false, { detail: { message: usedBy(result.by) } }, frame)
  }
  requireInForce(result)
  return value(true, {}, frame)
}

const usedBy = (by: readonly string[]) => `The provider is used by ${by.join(', ')}.`

export const LINOTP_PROVIDER_ROUTES: LinotpAdminRoute[] = [
  linotpAdmin('POST', '/linotp/system/setProvider', set),
  linotpAdmin('GET', '/linotp/system/getProvider', get),
  linotpAdmin('POST', '/linotp/system/delProvider', remove),
  linotpAdmin('POST', '/linotp/system/setDefaultProvider', setDefault),
  linotpAdmin('POST', '/linotp/system/testProvider', test),
]
