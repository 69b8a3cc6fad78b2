/** Reads the recording's `active_setup`: what a step needs to be in force before it. */
import { ACTIONS } from '../../functions/core/policy/actions.ts'

export type RecordedTokenSetup = Record<string, string | number>

export type Wanted = {
  /** Value by name of the recording's configuration key. */
  config: Record<string, string>
  /** JSON by name of the policy. */
  policies: Record<string, string>
  /** Tokens by serial: what `/token/init` was sent. */
  tokens: Map<string, RecordedTokenSetup>
  /** What happened to the first token. */
  done: Set<'disabled' | 'unassigned'>
}

const POLICY = /^policy ([\w-]+): scope=(\w+) action='(.*)'(?: (\{.*\}))?$/

/** Every right of an administrator; what forces the server to make the seed is not among them. */
const SUPERUSER = JSON.stringify({
  scope: 'admin',
  action: Object.fromEntries(
    Object.entries(ACTIONS.admin)
      .filter(([name, kind]) => 'flag' in kind && !name.endsWith('_force_server_generate'))
      .map(([name]) => [name, true]),
  ),
})

/** Throws for an entry it does not know, so that none is passed over. */
export function readSetup(entries: string[]): Wanted {
  const wanted: Wanted = { config: {}, policies: {}, tokens: new Map(), done: new Set() }
  // The recording began on a server that had been set up before: its first change is an update.
  if (entries.length === 0) wanted.config['email.identifier'] = 'sink'
  for (const entry of entries) take(wanted, entry)
  // The recording's own administrator lost the other rights while this policy was there.
  if (wanted.policies['p-adm']) delete wanted.policies.superuser
  return wanted
}

function take(wanted: Wanted, entry: string): void {
  if (entry.startsWith('policy superuser:')) {
    wanted.policies.superuser = SUPERUSER
    return
  }
  if (entry === 'NO policy at all (factory state)') return
  const policy = POLICY.exec(entry)
  if (policy) return takePolicy(wanted, policy)
  const config = /^config ([\w.]+)=(.*)$/.exec(entry)
  if (config) {
    wanted.config[config[1]!] = config[2]!
    return
  }
  takeToken(wanted, entry)
}

function takePolicy(wanted: Wanted, [, name, scope, action, conditions]: RegExpExecArray): void {
  const limits = conditions ? JSON.parse(conditions.replaceAll("'", '"')) : {}
  const text = action!.replaceAll('\\\\', '\\')
  wanted.policies[name!] = JSON.stringify({ scope, action: text, ...limits })
}

function takeToken({ tokens, done }: Wanted, entry: string): void {
  if (entry === 'token disabled') done.add('disabled')
  else if (entry === 'token unassigned') done.add('unassigned')
  else if (entry.startsWith('token PIEMPCT of bob')) {
    tokens.set('PIEMPCT', { user: 'bob', dynamic_email: 1, serial: 'PIEMPCT', pin: 'p%41n' })
  } else if (entry.startsWith('token {')) {
    const token = JSON.parse(entry.slice('token '.length)) as RecordedTokenSetup
    tokens.set(String(token.serial), token)
  } else if (entry.startsWith('spass token SPASS1 of dave pin=')) {
    const pin = entry.split('=')[1]!
    tokens.set('SPASS1', { type: 'spass', user: 'dave', serial: 'SPASS1', pin })
    tokens.set('SPASS2', { type: 'spass', user: 'carol', serial: 'SPASS2', pin })
  } else if (entry === 'hotp token OATH1 pin=pin') {
    return // A hardware token: Otpost has none.
  } else throw new Error(`An unknown setup: ${entry}`)
}
