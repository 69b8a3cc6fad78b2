/** `/v1/mail-sender`: who sends mail and how, in one place. */
import type { EditPorts } from '../../core/edit-settings.ts'
import { setMailSender, showMailSender, testMailSender } from '../../core/mail-sender.ts'
import type { ProviderPorts, TestPorts } from '../../core/providers.ts'
import { jsonReply } from '../reply.ts'
import { type JsonSchema, operation } from './operation.ts'
import { problem } from './problem.ts'
import { refusalOf } from './provider-refusal.ts'
import { MANAGED } from './provider-wire.ts'
import type { MemberSchema } from './schema.ts'
import { RECIPIENT, TEST_MAIL_REPLY, testMailReply } from './test-mail-reply.ts'

const PATH = '/v1/mail-sender'

/** What describes it. What each accepts: the reference of `email.*` and `providers/<name>`. */
const MEMBERS = {
  kind: { type: 'string', maxLength: 4, enum: ['smtp', 'ses'] },
  host: { type: 'string', maxLength: 255 },
  port: { type: 'integer', minimum: 1, maximum: 65_535 },
  tls: { type: 'string', maxLength: 8, enum: ['none', 'starttls', 'implicit'] },
  authentication_required: {
    type: 'boolean',
    description: 'False: nobody logs in to the server. True needs a user and a password.',
  },
  username: { type: 'string', maxLength: 320 },
  sender: { type: 'string', maxLength: 400, description: 'An address, or `Name <address>`.' },
  subject: { type: 'string', maxLength: 200 },
  timeout: { type: 'integer', minimum: 1, maximum: 25, description: 'Seconds.' },
} as const satisfies Record<string, MemberSchema>

const PASSWORD = { type: 'string', maxLength: 1024, writeOnly: true } as const
const MASK = {
  type: 'string',
  maxLength: 100,
  description: 'How addresses are shown before login, by a sample such as `ex********@t****.com`.',
} as const

const VERSION = { type: 'string', description: 'Another one as soon as anything of it changes.' }

const viewSchema: JsonSchema = {
  title: 'MailSender',
  type: 'object',
  properties: {
    provider: { type: 'string', description: 'Its name; empty: it is stored as `email.*`.' },
    ...Object.fromEntries(Object.entries(MEMBERS).map(([name, { type }]) => [name, { type }])),
    password: { type: 'string', description: 'Masked; empty: there is none.' },
    managed: {
      const: true,
      description: 'It is a managed provider: of those, most members are not shown.',
    },
    recipient_mask: { type: 'string' },
    version: VERSION,
  },
  required: ['provider', 'kind', 'timeout', 'recipient_mask', 'version'],
}

const EXAMPLE = {
  host: 'smtp.example.org',
  port: 465,
  tls: 'implicit',
  authentication_required: true,
  username: 'noreply',
  sender: 'noreply@example.org',
} as const

const ONE = {
  description: 'The mail sender. `ETag` is its version.',
  schema: viewSchema,
  example: {
    ...{ provider: '', kind: 'smtp', ...EXAMPLE, password: '__CENSORED__', subject: '' },
    ...{ timeout: 10, recipient_mask: 'ex********@t****.com', version: '0123456789abcdef' },
  },
}

const readMailSender = operation({
  id: 'readMailSender',
  method: 'GET',
  path: PATH,
  tag: 'Mail sender',
  summary: 'Look at the mail sender',
  description: 'The default provider, wherever it is stored, and how addresses are masked.',
  access: 'admin',
  rights: () => ['smtpserver_read'],
  replies: { 200: ONE },
  handle: async (ports: EditPorts) => reply(ports),
})

const changeMailSender = operation({
  id: 'changeMailSender',
  method: 'PUT',
  path: PATH,
  tag: 'Mail sender',
  summary: 'Change the mail sender',
  description:
    'What is left out stays. The password stays only where it was given for: the same server and ' +
    'user. With `If-Match` nothing is changed unless it is the version in place.',
  access: 'admin',
  rights: () => ['smtpserver_write'],
  body: {
    title: 'MailSenderChange',
    type: 'object',
    properties: { ...MEMBERS, password: PASSWORD, managed: MANAGED, recipient_mask: MASK },
    additionalProperties: false,
  },
  example: { ...EXAMPLE, password: 'correct horse battery staple' },
  replies: {
    200: ONE,
    409: { description: 'It was stored, and will be in force once other parameters are mended.' },
    412: { description: 'Somebody else has changed it.' },
  },
  async handle(ports: ProviderPorts, { body, request }) {
    const { password, managed, recipient_mask: recipientMask, ...members } = body
    const ifVersion = request.headers['if-match']?.replaceAll('"', '')
    const change = { members, password, managed, recipientMask, ifVersion }
    const result = await setMailSender(ports, change)
    if (result.outcome === 'changed meanwhile') {
      return problem('version', { detail: `The version in place is ${result.version}.` })
    }
    return refusalOf(result) ?? reply(ports)
  },
})

const testMailSenderOperation = operation({
  id: 'testMailSender',
  method: 'POST',
  path: `${PATH}/test`,
  tag: 'Mail sender',
  summary: 'Send a test mail',
  description:
    'With members it is sent as it would be with them, and nothing is stored. The text is plain; the ' +
    'mail carries no code. One address gets twenty tests an hour at most.',
  access: 'admin',
  rights: () => ['smtpserver_write'],
  body: {
    title: 'MailSenderTest',
    type: 'object',
    properties: {
      to: RECIPIENT,
      text: { type: 'string', maxLength: 2000, description: 'What the mail says.' },
      ...MEMBERS,
      password: PASSWORD,
      managed: MANAGED,
    },
    required: ['to'],
    additionalProperties: false,
  },
  example: { to: 'me@example.org', text: 'Hello', host: 'new.example.org' },
  replies: {
    200: TEST_MAIL_REPLY,
  },
  async handle(ports: TestPorts, { body: { to, text, password, managed, ...members } }) {
    const test = await testMailSender(ports, { to, text, password, managed, members })
    return 'outcome' in test ? refusalOf(test)! : testMailReply(test)
  },
})

export const MAIL_SENDER_OPERATIONS = [readMailSender, changeMailSender, testMailSenderOperation]

async function reply(ports: EditPorts) {
  const view = await showMailSender(ports)
  return jsonReply(200, view, { etag: `"${view.version}"` })
}
