import { type ListedKey, listOfKeys } from '../../../functions/core/api-key.ts'
import { SCHEMA } from '../../../functions/core/settings-schema.ts'
import type { Command } from '../command.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import { numberOption } from '../options.ts'
import { call, type Target } from '../target.ts'
import { table } from '../text.ts'
import { apply } from './config-change.ts'

type ApiKey = { name: string; id: string; key: string; expires_at: string }

const SETTING = 'api_keys'

const create: Command = {
  path: ['apikey', 'create'],
  about: 'Makes an API key for the validation routes and prints it, this once.',
  operands: [{ name: 'name' }],
  options: { days: { value: '<n>', about: 'how many days it is valid' } },
  notes:
    'The key goes to standard output alone, so that it can be piped into a secret store.\n' +
    'Keys are demanded while api_key_required is true.',
  examples: [
    'npx otpost apikey create vpn-gateway --days 365 --stage prod',
    'npx otpost apikey create radius --days 90 --stage prod > radius.key',
  ],
  async run({ operands: [name], options, target: connect, io }) {
    const days = numberOption(options, 'days')
    if (days === undefined) throw new UsageError('Say how long the key is valid with --days.')
    const target = await connect()
    const value = await call<ApiKey>(target, 'apikey.create', { name, days })
    const until = Date.parse(value.expires_at) / 1000
    await putKeys(target, [...(await keysOf(target)), { name: value.name, id: value.id, until }])
    io.err(
      `The key ${value.id} of ${value.name} is valid until ${value.expires_at}; ` +
        'it is not shown again.\n',
    )
    return { value, text: `${value.key}\n` }
  },
}

const list: Command = {
  path: ['apikey', 'list'],
  about: 'Lists the API keys in force, by what they are revoked with.',
  examples: ['npx otpost apikey list --stage prod', 'npx otpost apikey list --json'],
  async run({ target }) {
    const keys = (await keysOf(await target())).map(({ name, id, until }) => ({
      id,
      name,
      expires_at: new Date(until * 1000).toISOString(),
    }))
    const rows = keys.map(({ id, name, expires_at: expiresAt }) => [id, name, expiresAt])
    return { value: keys, text: table(['ID', 'NAME', 'EXPIRES'], rows) }
  },
}

const revoke: Command = {
  path: ['apikey', 'revoke'],
  about: 'Revokes an API key: no login request is taken with it from the next seconds on.',
  operands: [{ name: 'id' }],
  examples: [
    'npx otpost apikey revoke 3f2a90c41b7de856 --stage prod',
    'npx otpost apikey revoke 3f2a90c41b7de856 --json',
  ],
  async run({ operands: [id], target: connect }) {
    const target = await connect()
    const keys = await keysOf(target)
    const left = keys.filter((key) => key.id !== id)
    if (left.length === keys.length) {
      const options = { code: 'not_found', parameter: 'id' }
      throw new CommandFailure(`There is no API key ${id}: see otpost apikey list.`, options)
    }
    await putKeys(target, left)
    return { value: { id, revoked: true }, text: `Revoked the API key ${id}.\n` }
  },
}

async function keysOf(target: Target): Promise<readonly ListedKey[]> {
  const { values } = await target.parameters.list()
  const reading = SCHEMA[SETTING].kind.read(values[SETTING] ?? '')
  if ('value' in reading) return reading.value
  const options = { code: 'conflict', parameter: SETTING }
  throw new CommandFailure(`The parameter ${SETTING} ${reading.refused}: mend it first.`, options)
}

/** Those that have expired go with the next change. */
async function putKeys(target: Target, keys: readonly ListedKey[]): Promise<void> {
  const live = keys.filter(({ until }) => until * 1000 > Date.now())
  const change = live.length > 0 ? { name: SETTING, value: listOfKeys(live) } : { name: SETTING }
  await apply(target, [change])
}

export const API_KEY_COMMANDS = [create, list, revoke]
