/** `/v1/providers`: who sends mail. */
import type { EditPorts } from '../../core/edit-settings.ts'
import { showProvider, showProviders } from '../../core/provider-view.ts'
import * as providers from '../../core/providers.ts'
import { MANAGED_HEADER, managedInHeader } from '../managed-password.ts'
import { emptyReply, jsonReply } from '../reply.ts'
import { operation } from './operation.ts'
import { problem } from './problem.ts'
import {
  configOf,
  CONFIG_MEMBERS,
  EXAMPLE,
  MANAGED,
  viewJson,
  viewSchema,
} from './provider-wire.ts'
import { refusalOf } from './provider-refusal.ts'
import { RECIPIENT, TEST_MAIL_REPLY, testMailReply } from './test-mail-reply.ts'

const PATH = '/v1/providers/{provider}'
const NO_PROVIDER = { description: 'There is no such provider.' }
const EXAMPLE_VIEW = {
  ...{ name: 'office', default: true, order: 1, used_by: ['email.identifier'], ...EXAMPLE },
  ...{ port: 587, password: '__CENSORED__', subject: '', template: '', timeout: 10 },
  ...{ description: '', client_certificate: '', client_key: '', ca: '' },
}
const ONE = { description: 'The provider.', schema: viewSchema, example: EXAMPLE_VIEW }
const WAITS = 'It was stored, and will be in force once other parameters are mended.'

type Providing = providers.ProviderPorts

const reading = () => ['smtpserver_read']
const writing = () => ['smtpserver_write']

const listProviders = operation({
  id: 'listProviders',
  method: 'GET',
  path: '/v1/providers',
  tag: 'Providers',
  summary: 'List the providers',
  description: 'By name. Secrets are masked.',
  access: 'admin',
  rights: reading,
  replies: {
    200: {
      description: 'Every provider.',
      schema: {
        title: 'Providers',
        type: 'object',
        properties: { providers: { type: 'array', items: viewSchema } },
        required: ['providers'],
      },
      example: { providers: [EXAMPLE_VIEW] },
    },
  },
  async handle(ports: EditPorts) {
    const { settings } = await providers.storedState(ports)
    return jsonReply(200, { providers: showProviders(settings).map(viewJson) })
  },
})

const readProvider = operation({
  id: 'readProvider',
  method: 'GET',
  path: PATH,
  tag: 'Providers',
  summary: 'Look up a provider',
  access: 'admin',
  rights: reading,
  replies: { 200: ONE, 404: NO_PROVIDER },
  handle: async (ports: EditPorts, { path }) => replyWith(ports, path.provider!),
})

const setProvider = operation({
  id: 'setProvider',
  method: 'PUT',
  path: PATH,
  tag: 'Providers',
  summary: 'Add or replace a provider',
  description:
    'Replaces all members. A secret that is left out or masked stays while the server, its user and ' +
    'the certificate do; the empty string removes it. The first provider becomes the default where ' +
    'nothing else says who sends. A managed provider is changed with its password only.',
  access: 'admin',
  rights: writing,
  body: {
    title: 'ProviderChange',
    type: 'object',
    properties: {
      ...CONFIG_MEMBERS,
      managed: MANAGED,
      default: { type: 'boolean', description: 'Whether it becomes the default.' },
    },
    additionalProperties: false,
  },
  example: { ...EXAMPLE, password: 'correct horse battery staple', default: true },
  replies: { 200: ONE, 409: { description: WAITS } },
  async handle(ports: Providing, { path, body: { default: asDefault, managed, ...members } }) {
    const name = path.provider!
    const result = await providers.setProvider(ports, {
      name,
      ...configOf(members),
      managed,
      asDefault: asDefault === undefined ? 'if none' : asDefault ? 'yes' : 'no',
    })
    return refusalOf(result) ?? replyWith(ports, name)
  },
})

const deleteProvider = operation({
  id: 'deleteProvider',
  method: 'DELETE',
  path: PATH,
  tag: 'Providers',
  summary: 'Delete a provider with its secrets',
  access: 'admin',
  rights: writing,
  headers: {
    [MANAGED_HEADER]:
      'The password of a managed provider, in UTF-8 and percent-encoded, as by encodeURIComponent.',
  },
  replies: {
    204: { description: 'Deleted.' },
    404: NO_PROVIDER,
    409: {
      description:
        'A policy or `email.identifier` would have mail sent by it; the very last provider may be ' +
        `the default. Or: ${WAITS}`,
    },
  },
  async handle(ports: Providing, { path, request }) {
    const managed = managedInHeader(request)
    const result = await providers.deleteProvider(ports, path.provider!, managed)
    return refusalOf(result) ?? emptyReply()
  },
})

const setDefaultProviders = operation({
  id: 'setDefaultProviders',
  method: 'PUT',
  path: '/v1/default-providers',
  tag: 'Providers',
  summary: 'Name the default provider and its fallbacks',
  description: 'The empty string names none: `mail.provider` decides.',
  access: 'admin',
  rights: writing,
  body: {
    title: 'DefaultProviders',
    type: 'object',
    properties: {
      providers: {
        type: 'string',
        maxLength: 1000,
        description: 'Names between commas, the first to be tried first.',
      },
    },
    required: ['providers'],
    additionalProperties: false,
  },
  example: { providers: 'office, ses' },
  replies: { 204: { description: 'Done.' }, 404: NO_PROVIDER, 409: { description: WAITS } },
  async handle(ports: EditPorts, { body }) {
    const names = body.providers.split(/[\s,]+/).filter((name) => name !== '')
    return refusalOf(await providers.setDefaults(ports, names)) ?? emptyReply()
  },
})

const testProvider = operation({
  id: 'testProvider',
  method: 'POST',
  path: `${PATH}/test`,
  tag: 'Providers',
  summary: 'Send a test mail',
  description:
    'Without members, by the provider of that name; with members, by the one they describe, which ' +
    'is not stored. The mail carries no code.',
  access: 'admin',
  rights: writing,
  body: {
    title: 'ProviderTest',
    type: 'object',
    properties: {
      to: RECIPIENT,
      ...CONFIG_MEMBERS,
      managed: MANAGED,
    },
    required: ['to'],
    additionalProperties: false,
  },
  example: { to: 'me@example.org' },
  replies: {
    200: TEST_MAIL_REPLY,
    404: NO_PROVIDER,
  },
  async handle(ports: providers.TestPorts, { path, body: { to, managed, ...members } }) {
    const config = Object.keys(members).length === 0 ? undefined : configOf(members)
    const test = await providers.testProvider(ports, { name: path.provider!, to, config, managed })
    return 'outcome' in test ? refusalOf(test)! : testMailReply(test)
  },
})

export const PROVIDER_OPERATIONS = [
  listProviders,
  readProvider,
  setProvider,
  deleteProvider,
  testProvider,
  setDefaultProviders,
]

async function replyWith(ports: EditPorts, name: string) {
  const { settings } = await providers.storedState(ports)
  const view = showProvider(settings, name)
  return view ? jsonReply(200, viewJson(view)) : problem('not_found')
}
