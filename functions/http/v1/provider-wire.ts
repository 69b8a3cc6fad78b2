/** A provider in the bodies of `/v1`. */
import { type ProviderConfig, readProviderConfig, readProviderObject } from '../../core/provider.ts'
import type { ProviderView } from '../../core/provider-view.ts'
import { MalformedRequestError } from '../errors.ts'
import type { JsonSchema } from './operation.ts'
import type { MemberSchema } from './schema.ts'

export const EXAMPLE = {
  kind: 'smtp',
  server: 'smtp.example.org',
  tls: 'starttls',
  username: 'otp',
  sender: 'Otpost <otp@example.org>',
} as const

/** What describes a provider. What each accepts: the reference of `providers/<name>`. */
export const CONFIG_MEMBERS = {
  kind: { type: 'string', maxLength: 100, description: '`smtp` (the default) or `ses`.' },
  server: { type: 'string', maxLength: 255 },
  port: { type: 'integer', minimum: 1, maximum: 65_535 },
  tls: { type: 'string', maxLength: 8, enum: ['none', 'starttls', 'implicit'] },
  username: { type: 'string', maxLength: 320 },
  authentication_required: {
    type: 'boolean',
    description: 'False: nobody logs in to the server, though there is a user.',
  },
  password: { type: 'string', maxLength: 1024, writeOnly: true },
  sender: { type: 'string', maxLength: 400, description: 'An address, or `Name <address>`.' },
  subject: { type: 'string', maxLength: 200 },
  template: {
    type: 'string',
    maxLength: 4000,
    description: 'The name of a template.',
  },
  timeout: { type: 'integer', minimum: 1, maximum: 25, description: 'Seconds.' },
  description: { type: 'string', maxLength: 1000 },
  client_certificate: { type: 'string', maxLength: 4000, description: 'PEM.' },
  client_key: { type: 'string', maxLength: 4000, description: 'PEM.', writeOnly: true },
  ca: { type: 'string', maxLength: 4000, description: 'PEM.' },
  config: {
    type: 'string',
    maxLength: 16_000,
    description: "All members in one JSON text, these or those of LinOTP's SMTPEmailProvider.",
    writeOnly: true,
  },
} as const satisfies Record<string, MemberSchema>

/** What opens a managed provider, or makes another one managed. */
export const MANAGED = {
  type: 'string',
  maxLength: 200,
  description: 'The password of a managed provider; given for another one, it becomes managed.',
  writeOnly: true,
} as const satisfies MemberSchema

const TEXT = { type: 'string' }

/** A provider as it is shown. */
export const viewSchema: JsonSchema = {
  title: 'Provider',
  type: 'object',
  properties: {
    name: TEXT,
    default: { type: 'boolean', description: 'Whether it is the first of `email.identifier`.' },
    order: { type: 'integer', description: 'Its place in `email.identifier`; 0: none.' },
    used_by: { type: 'array', items: TEXT, description: 'What would have mail sent by it.' },
    managed: {
      const: true,
      description:
        'It takes a password to change it; of its members only `kind` and `timeout` are shown.',
    },
    ...Object.fromEntries(
      Object.entries(CONFIG_MEMBERS).flatMap(([name, { type }]) =>
        name === 'config' ? [] : [[name, { type }]],
      ),
    ),
  },
  required: ['name', 'default', 'order', 'used_by', 'kind'],
}

/** The same as JSON: its members beside its name. */
export const viewJson = ({ members, ...view }: ProviderView) => ({ ...view, ...members })

/** The provider a body describes. Throws a MalformedRequestError that quotes none of it. */
export function configOf({
  config,
  ...members
}: {
  readonly [name: string]: string | number | boolean | undefined
}): ProviderConfig {
  const others = Object.keys(members)
  if (config !== undefined && others.length > 0) {
    throw new MalformedRequestError(`config holds all members: leave out ${others[0]}.`, others[0])
  }
  const reading =
    config === undefined ? readProviderObject(members) : readProviderConfig(String(config))
  if ('value' in reading) return reading.value
  const [, parameter] = /its (\w+)/.exec(reading.refused) ?? []
  const known = parameter !== undefined && parameter in CONFIG_MEMBERS
  throw new MalformedRequestError(
    `The provider ${reading.refused}.`,
    config === undefined && known ? parameter : 'config',
  )
}
