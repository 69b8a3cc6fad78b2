import type { adminView } from '../../../functions/core/operator/views.ts'
import type { Command } from '../command.ts'
import { requiredSecret, secretOptions } from '../secrets.ts'
import { call } from '../target.ts'
import { table } from '../text.ts'

type Admin = ReturnType<typeof adminView>

const add: Command = {
  path: ['admin', 'add'],
  about: 'Adds an administrator, or gives one a new password.',
  operands: [{ name: 'name' }],
  options: secretOptions('password'),
  notes: 'The password is asked for unless an option gives it; it has 8 characters or more.',
  examples: [
    'npx otpost admin add carol --stage prod',
    'pass show otpost/carol | npx otpost admin add carol --password-stdin --stage prod',
  ],
  async run(invocation) {
    const [name] = invocation.operands
    const target = await invocation.target()
    const password = await requiredSecret(invocation, 'password')
    const value = await call<{ added: boolean }>(target, 'admin.add', { name, password })
    const text = value.added ? `Added the administrator ${name}.` : `${name} has a new password.`
    return { value, text: `${text}\n` }
  },
}

const remove: Command = {
  path: ['admin', 'remove'],
  about: 'Removes an administrator and ends their sessions.',
  operands: [{ name: 'name' }],
  examples: [
    'npx otpost admin remove carol --stage prod',
    'npx otpost admin remove admin --stage local --json',
  ],
  async run({ operands: [name], target }) {
    const value = await call(await target(), 'admin.remove', { name })
    return { value, text: `Removed the administrator ${name}.\n` }
  },
}

const list: Command = {
  path: ['admin', 'list'],
  about: 'Lists the administrators.',
  examples: ['npx otpost admin list', 'npx otpost admin list --stage prod --json'],
  async run({ target }) {
    const admins = await call<Admin[]>(await target(), 'admin.list', {})
    const rows = admins.map(({ name, created_at: createdAt }) => [name, createdAt])
    return { value: admins, text: table(['NAME', 'CREATED'], rows) }
  },
}

const revokeSessions: Command = {
  path: ['admin', 'revoke-sessions'],
  about: 'Ends every session of an administrator, of /auth, /v1 and /linotp, at once.',
  operands: [{ name: 'name' }],
  notes: 'A new password does so, too. A session that was ended triggers codes until it expires.',
  examples: [
    'npx otpost admin revoke-sessions carol --stage prod',
    'npx otpost admin revoke-sessions admin --stage local --json',
  ],
  async run({ operands: [name], target }) {
    const value = await call(await target(), 'admin.revoke_sessions', { name })
    return { value, text: `Ended the sessions of ${name}.\n` }
  },
}

export const ADMIN_COMMANDS = [add, remove, list, revokeSessions]
