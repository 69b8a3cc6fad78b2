/** `/smtpserver/…`: mail servers that tokens, policies or `email.identifier` name. */
import { MASK } from '../../core/masked.ts'
import { membersOf, type Provider } from '../../core/provider.ts'
import { deleteProvider, type ProviderResult, setProvider } from '../../core/providers.ts'
import { managedPassword } from '../managed-password.ts'
import { adminRoute, type AdminHandler, type AdminRoute, valueReply } from './admin-route.ts'
import { requireInForce } from './edit.ts'
import { unknownName, unusable } from './refused.ts'
import { readRecipient, readServer, sendTest } from './smtp-test.ts'

/**
 * Members of the reference that have one value here are shown with it; SES is no mail server. Of a
 * managed one nothing is shown but its time-out.
 */
function serverView(provider: Provider, managed: boolean): Record<string, unknown>[] {
  if (provider.kind !== 'smtp') return []
  if (managed) return [{ managed, password: MASK, timeout: provider.timeout }]
  const { tls, server } = provider
  return [
    {
      certificate: '',
      description: provider.description,
      dont_send_on_error: false,
      enqueue_job: false,
      password: MASK,
      port: provider.port,
      private_key: '',
      private_key_password: MASK,
      sender: membersOf(provider).sender,
      server: tls === 'implicit' ? `smtps://${server}` : server,
      smime: false,
      timeout: provider.timeout,
      tls: tls === 'starttls',
      username: provider.username,
    },
  ]
}

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

/** What the reference does not know of a mail server. */
const othersOf = (provider: Provider) =>
  Object.fromEntries(
    ['subject', 'template', 'ca', 'client_certificate'].map((name) => [
      name,
      membersOf(provider)[name],
    ]),
  )

const list: AdminHandler = async (_, { caller, frame }) => {
  caller.require('smtpserver_read')
  const { providers, managed } = caller.settings
  const views = [...providers].flatMap(([name, provider]) =>
    serverView(provider, managed.has(name)).map((view) => [name, view] as const),
  )
  return valueReply(Object.fromEntries(views), frame)
}

/**
 * Sets a mail server as a whole; only a password that is not given stays, with the same server, and
 * members that the reference does not know.
 */
const set: AdminHandler = async (ports, { caller, request, parameters, path, frame }) => {
  caller.require('smtpserver_write')
  const name = path.identifier!
  const stored = caller.settings.providers.get(name)
  const provider = readServer(parameters, MEMBERS, stored && othersOf(stored))
  const password = parameters.text('password')
  const managed = managedPassword(request, parameters)
  finish(await setProvider(ports, { name, provider, password, managed, asDefault: 'no' }))
  return valueReply(true, frame)
}

const remove: AdminHandler = async (ports, { caller, request, parameters, path, frame }) => {
  caller.require('smtpserver_write')
  const managed = managedPassword(request, parameters)
  finish(await deleteProvider(ports, path.identifier!, managed))
  return valueReply(1, frame)
}

function finish(result: ProviderResult): void {
  if (result.outcome === 'unknown') throw unknownName('SMTP server', result.name)
  if (result.outcome === 'in use') throw unusable(`It is used by ${result.by.join(', ')}.`)
  requireInForce(result)
}

/** Tries a mail server, stored or not. */
const test: AdminHandler = async (ports, { caller, request, parameters, frame }) => {
  caller.require('smtpserver_write')
  const sent = await sendTest(ports, {
    identifier: parameters.required('identifier'),
    provider: readServer(parameters, MEMBERS),
    password: parameters.text('password'),
    managed: managedPassword(request, parameters),
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
