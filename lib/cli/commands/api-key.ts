import type { Command } from '../command.ts'
import { UsageError } from '../errors.ts'
import { numberOption } from '../options.ts'
import { call } from '../target.ts'

type ApiKey = { name: string; key: string; expires_at: string }

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
  async run({ operands: [name], options, target, io }) {
    const days = numberOption(options, 'days')
    if (days === undefined) throw new UsageError('Say how long the key is valid with --days.')
    const value = await call<ApiKey>(await target(), 'apikey.create', { name, days })
    io.err(`The key of ${value.name} is valid until ${value.expires_at}; it is not shown again.\n`)
    return { value, text: `${value.key}\n` }
  },
}

export const API_KEY_COMMANDS = [create]
