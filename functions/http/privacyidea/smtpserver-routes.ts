/** `/smtpserver/…`: mail servers that tokens or `email.identifier` name. */
import { formatProvider, type Provider, sameLogin } from '../../core/provider.ts'
import type { SettingChange } from '../../core/edit-settings.ts'
import { passwordOf, PROVIDERS } from '../../core/settings-schema.ts'
import { adminRoute, type AdminHandler, type AdminRoute, valueReply } from './admin-route.ts'
import { edit } from './edit.ts'
import { MASK } from './masked.ts'
import { unknownName, unusable } from './refused.ts'
import { readRecipient, readServer, sendTest } from './smtp-test.ts'

/** Members of the reference that have one value here are shown with it. */
const serverView = ({ tls, server, ...provider }: Provider) => ({
  certificate: '',
  description: provider.description,
  dont_send_on_error: false,
  enqueue_job: false,
  password: MASK,
  port: provider.port,
  private_key: '',
  private_key_password: MASK,
  sender: provider.sender,
  server: tls === 'implicit' ? `smtps://${server}` : server,
  smime: false,
  timeout: provider.timeout,
  tls: tls === 'starttls',
  username: provider.username,
})

const MEMBERS = Object.fromEntries(
  [
    'server',
    'port',
    'tls',
    'username',
    'sender',
    'timeout',
    'description',
    'enqueue_job',
    'smime',
    'dont_send_on_error',
    'certificate',
    'private_key',
    'private_key_password',
  ].map((name) => [name, name]),
)

const list: AdminHandler = async (_, { caller, frame }) => {
  caller.require('smtpserver_read')
  const { providers } = caller.settings
  const views = [...providers].map(([name, provider]) => [name, serverView(provider)] as const)
  return valueReply(Object.fromEntries(views), frame)
}

/** Sets a mail server as a whole; only a password that is not given stays, with the same server. */
const set: AdminHandler = async (ports, { caller, parameters, path, frame }) => {
  caller.require('smtpserver_write')
  const name = path.identifier!
  const provider = readServer(parameters, MEMBERS)
  const password = parameters.text('password')
  const changes = passwordChange(name, password)
  const stored = caller.settings.providers.get(name)
  if (stored?.password !== undefined && changes.length === 0 && !sameLogin(stored, provider)) {
    throw unusable('password is missing; it must be given again for another server or user.')
  }
  await edit(ports, [{ name: PROVIDERS + name, value: formatProvider(provider) }, ...changes])
  return valueReply(true, frame)
}

function passwordChange(name: string, password: string | undefined): SettingChange[] {
  if (password === undefined || password === MASK) return []
  return [{ name: passwordOf(name), value: password === '' ? undefined : password }]
}

const remove: AdminHandler = async (ports, { caller, path, frame }) => {
  caller.require('smtpserver_write')
  const name = path.identifier!
  if (!caller.settings.providers.has(name)) throw unknownName('SMTP server', name)
  await edit(ports, [
    { name: PROVIDERS + name, value: undefined },
    { name: passwordOf(name), value: undefined },
  ])
  return valueReply(1, frame)
}

/** Tries a mail server, stored or not. */
const test: AdminHandler = async (ports, { caller, parameters, frame }) => {
  caller.require('smtpserver_write')
  const sent = await sendTest(ports, {
    identifier: parameters.required('identifier'),
    provider: readServer(parameters, MEMBERS),
    password: parameters.text('password'),
    to: readRecipient(parameters, 'recipient'),
  })
  if (sent.sent) return valueReply(true, frame)
  throw unusable(`The test e-mail was not sent: ${sent.reply}`)
}

export const SMTPSERVER_ROUTES: AdminRoute[] = [
  adminRoute('GET', '/smtpserver/', list),
  adminRoute('GET', '/smtpserver', list),
  adminRoute('POST', '/smtpserver/send_test_email', test),
  adminRoute('POST', '/smtpserver/{identifier}', set),
  adminRoute('DELETE', '/smtpserver/{identifier}', remove),
]
