/** `otpost resolver …`: where users are kept. Changes parameters; only the test needs the service. */
import { readFile } from 'node:fs/promises'
import { text as readText } from 'node:stream/consumers'
import type { EditPorts } from '../../../functions/core/edit-settings.ts'
import { readJsonObject } from '../../../functions/core/json-text.ts'
import type { ResolverTest } from '../../../functions/core/operator/resolvers.ts'
import { storedState } from '../../../functions/core/providers.ts'
import { showResolver, showResolvers } from '../../../functions/core/resolver-view.ts'
import * as resolvers from '../../../functions/core/resolvers.ts'
import { RESOLVERS } from '../../../functions/core/settings-schema.ts'
import type { Command, Invocation, Option, Result } from '../command.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { textOption, textOptions } from '../options.ts'
import { call, type Target } from '../target.ts'
import { details, table } from '../text.ts'
import { sentence } from './config-change.ts'

const editing = (target: Target): EditPorts => ({
  parameters: target.parameters,
  publish: () => target.configure(),
})

const settingsOf = async (target: Target) => (await storedState(target)).settings

const unknown = (name: string) =>
  new CommandFailure(`There is no resolver ${name}: see otpost resolver list.`, {
    code: 'not_found',
    parameter: 'name',
  })

const list: Command = {
  path: ['resolver', 'list'],
  about: 'Lists the resolvers: where users are kept, and the realms that have them.',
  examples: ['npx otpost resolver list', 'npx otpost resolver list --stage prod --json'],
  async run({ target }) {
    const value = showResolvers(await settingsOf(await target()))
    const rows = value.map(({ name, type, members, used_by: realms }) => {
      const where = members.uri ?? members.user_pool_id ?? ''
      return [name, type, String(where), realms.join(', ')]
    })
    return { value, text: table(['NAME', 'TYPE', 'WHERE', 'REALMS'], rows) }
  },
}

const show: Command = {
  path: ['resolver', 'show'],
  about: 'Shows one resolver; its password is masked.',
  operands: [{ name: 'name' }],
  examples: ['npx otpost resolver show staff', 'npx otpost resolver show staff --json'],
  async run({ operands: [name = ''], target }) {
    const value = showResolver(await settingsOf(await target()), name)
    if (!value) throw unknown(name)
    const { type, used_by: realms, members } = value
    const texts = Object.entries(members).map(([member, one]) => [
      member,
      typeof one === 'object' ? JSON.stringify(one) : String(one),
    ])
    return {
      value,
      text: details({ name, type, realms: realms.join(', '), ...Object.fromEntries(texts) }),
    }
  },
}

/** Options whose value is a member; a hyphen stands for its underscore. */
const MEMBERS = {
  type: { value: '<ldap|cognito|directory>', about: 'what keeps the users' },
  uri: { value: '<servers>', about: 'LDAP servers between commas: ldaps://… or ldap://…' },
  starttls: { value: '<true|false>', about: 'whether ldap:// becomes TLS first' },
  'bind-dn': { value: '<dn>', about: 'who looks for users' },
  'base-dn': { value: '<dn>', about: 'below what they are looked for' },
  scope: { value: '<sub|one|base>', about: 'how deep' },
  'login-attribute': { value: '<name>', about: 'the attribute with the login (uid)' },
  filter: { value: '<filter>', about: 'an LDAP filter with {login}' },
  timeout: { value: '<seconds>', about: 'how long a server may take' },
  'size-limit': { value: '<number>', about: 'the most users of a list' },
  'user-pool-id': { value: '<id>', about: 'the user pool of Cognito' },
  'client-id': { value: '<id>', about: 'the app client by which passwords are checked' },
  unverified: { value: '<true|false>', about: 'also addresses that Cognito has not verified' },
} as const satisfies Record<string, Option>

const set: Command = {
  path: ['resolver', 'set'],
  about: 'Adds a resolver, or replaces one.',
  operands: [{ name: 'name' }],
  options: {
    config: { value: '<file>', about: 'JSON with all members; - reads standard input' },
    ...MEMBERS,
    email: { value: '<attributes>', about: 'attributes with addresses, in their order' },
    'ca-file': {
      value: '<file>',
      about: 'authorities to trust instead of the public ones, in PEM',
    },
    'ask-password': { about: 'ask for the password of bind_dn without echo' },
    'password-stdin': { about: 'read it from standard input (its first line)' },
  },
  notes:
    'The password is stored as a SecureString and stays while servers, TLS and bind_dn do. Nothing is\n' +
    'asked of the directory: try it with otpost resolver test.',
  examples: [
    'npx otpost resolver set staff --type ldap --uri ldaps://ldap.example.org --base-dn dc=example,dc=org',
    'npx otpost resolver set staff --config ldap.json --password-stdin --stage prod < password',
    'npx otpost resolver set pool --type cognito --user-pool-id eu-central-1_AbCdEfGhI',
  ],
  async run(invocation) {
    const [name = ''] = invocation.operands
    const members = await membersIn(invocation)
    const password = await passwordIn(invocation)
    const target = await invocation.target()
    const result = await resolvers.setResolver(editing(target), { name, members, password })
    return inForce(result, name, `The resolver ${name} is set.`)
  },
}

async function membersIn({ options, io }: Invocation): Promise<Record<string, unknown>> {
  const file = textOption(options, 'config')
  const given = Object.entries(textOptions(options, Object.keys(MEMBERS)))
  const caFile = textOption(options, 'ca-file')
  const email = textOption(options, 'email')
  if (file === undefined) {
    return {
      ...Object.fromEntries(given.map(([name, text]) => [name.replaceAll('-', '_'), text])),
      ...(caFile === undefined ? {} : { ca: await contentOf(caFile) }),
      ...(email === undefined ? {} : { attributes: { email } }),
    }
  }
  if (given.length > 0 || caFile !== undefined || email !== undefined) {
    throw new UsageError('--config holds all members: leave out the other options.')
  }
  const object = readJsonObject(file === '-' ? await readText(io.stdin) : await contentOf(file))
  if ('value' in object) return object.value
  throw new CommandFailure(`The configuration ${object.refused}.`, { code: 'invalid_argument' })
}

async function passwordIn({ options, io }: Invocation): Promise<string | undefined> {
  if (options['password-stdin']) {
    if (textOption(options, 'config') === '-') {
      throw new UsageError('Standard input is either the configuration or the password.')
    }
    return (await readText(io.stdin)).split(/\r?\n/, 1)[0]
  }
  if (!options['ask-password']) return undefined
  if (!io.ask) throw new UsageError('Nobody can be asked here: pipe it in with --password-stdin.')
  return io.ask('password of bind_dn: ')
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw new CommandFailure(`The file ${file} cannot be read (${code}).`, { code: 'not_found' })
  }
}

const remove: Command = {
  path: ['resolver', 'delete'],
  about: 'Deletes a resolver with its password, unless a realm has it.',
  operands: [{ name: 'name' }],
  examples: ['npx otpost resolver delete staff', 'npx otpost resolver delete staff --stage prod'],
  async run({ operands: [name = ''], target }) {
    const result = await resolvers.deleteResolver(editing(await target()), name)
    return inForce(result, name, `The resolver ${name} is deleted.`)
  },
}

function inForce(result: resolvers.ResolverResult, name: string, says: string): Result {
  switch (result.outcome) {
    case 'unknown':
      throw unknown(name)
    case 'in use': {
      const message = `Nothing was changed: ${name} is used by the realm ${result.by.join(', ')}.`
      throw new CommandFailure(message, { code: 'conflict', parameter: 'name' })
    }
    case 'refused': {
      const { problems } = result
      const message = ['Refused, and nothing was changed:', ...problems.map(sentence)].join('\n')
      const parameter = problems[0]!.name
      throw new CommandFailure(message, {
        ...{ code: 'invalid_argument', parameter },
        details: { problems },
      })
    }
    case 'waiting': {
      const { problems } = result
      const text = [says, 'It waits until these are mended:', ...problems.map(sentence)]
      return {
        value: { name, in_force: false, problems },
        text: `${text.join('\n')}\n`,
        failed: true,
      }
    }
    case 'in_force':
      return { value: { name, in_force: true }, text: `${says}\n` }
  }
}

const test: Command = {
  path: ['resolver', 'test'],
  about: 'Looks a user up, and shows what was found; addresses are masked.',
  operands: [{ name: 'name' }, { name: 'login' }],
  examples: ['npx otpost resolver test staff alice', 'npx otpost resolver test staff alice --json'],
  async run({ operands: [name = '', login = ''], target }) {
    const value = await call<ResolverTest>(await target(), 'resolver.test', { name, login })
    if (value.found) {
      const { email, ...user } = value.user
      return { value, text: details({ ...user, email: email.join(', ') || '(none)' }) }
    }
    const why = value.fault ?? `${RESOLVERS}${name} knows nobody of that login.`
    return { value, text: `${why}\n`, failed: true }
  },
}

export const RESOLVER_COMMANDS: readonly Command[] = [list, show, set, test, remove]
