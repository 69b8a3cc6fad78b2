/** Brings into force what a step was recorded under: parameters at once, then tokens. */
import { HIDDEN } from '../../lib/local/parameters.ts'
import { httpClient } from '../stack/support-http.ts'
import { REALM, RESOLVER } from './people.ts'
import { readSetup, type Wanted } from './setup.ts'
import { SIGNING_KEY } from './signing.ts'
import type { World } from './world.ts'

/** Budgets out of the way: recorded scenarios ask for more mails and guesses than an hour allows. */
const GENEROUS = {
  'mail.per_hour': '0',
  'mail.per_day': '0',
  'challenge.max_attempts': '10',
  'account.max_wrong_per_day': '100',
}

/** As the reference mails: the bare code, and before it answers. */
const REFERENCE_MAIL = { 'email.text': '<otp>', 'email.delivery_wait': '10' }

/** As the reference looks at addresses: it asks no DNS. */
const REFERENCE_ADDRESSES = { 'address.check_domain': 'off' }

/** A port where nothing listens. */
const CLOSED_PORT = 1

/** Ports of the recording, and what they are here: its mail server, and one where nothing listens. */
export const recordedPorts = (sinkPort: number): ReadonlyMap<number, number> =>
  new Map([
    [2525, sinkPort],
    [2599, CLOSED_PORT],
  ])

/** What the recording's server had beside each scenario's own configuration. */
export function baseline(sinkPort: number): Record<string, string> {
  const server = { server: '127.0.0.1', sender: 'pi@example.org', tls: false, timeout: 5 }
  return {
    ...GENEROUS,
    ...REFERENCE_MAIL,
    ...REFERENCE_ADDRESSES,
    'mail.provider': 'smtp',
    'signing.key': SIGNING_KEY,
    'realm.default': REALM,
    [`realms/${REALM}`]: RESOLVER,
    'providers/sink': JSON.stringify({ ...server, port: sinkPort, description: 'local sink' }),
    'providers/down': JSON.stringify({
      ...server,
      port: CLOSED_PORT,
      description: 'nothing listens here',
    }),
    // What the reference falls back to where no server is named.
    'email.mailserver': '127.0.0.1',
    'email.port': String(CLOSED_PORT),
    'email.mailfrom': 'privacyidea@localhost.example',
  }
}

/** Configuration keys that are parameters under another name. */
const RENAMED: Record<string, string> = {
  DefaultOtpLen: 'otp.length',
  DefaultMaxFailCount: 'token.max_failcount',
}

function parameterOf(key: string, value: string, sinkPort: number): [string, string] {
  if (RENAMED[key]) return [RENAMED[key], value]
  if (key === 'email.port') return [key, String(sinkPort)]
  // The shortest validity Otpost accepts; the replay turns the clock of challenges, not its own.
  if (key === 'email.validtime' && value === '4') return [key, '10']
  return [key, value]
}

export type InForce = {
  /** Brings it about, unless the step before had the same: what requests change stays changed. */
  apply(setup: string[]): Promise<void>
  /** Forgets tokens: the accounts are new. */
  forget(): void
}

/** Follows the recording from step to step. */
export function inForce(world: World): InForce {
  const api = httpClient(world.stack.api)
  const headers = { authorization: world.sessions.admin }
  const known = new Set<string>()
  let done: Wanted['done'] = new Set()
  let last: string | undefined

  async function applyParameters({ config, policies }: Wanted): Promise<void> {
    const { port } = world.sink
    const wanted: Record<string, string> = {
      ...baseline(port),
      ...Object.fromEntries(
        Object.entries(config).map(([key, value]) => parameterOf(key, value, port)),
      ),
      ...Object.fromEntries(
        Object.entries(policies).map(([name, json]) => [`policies/${name}`, json]),
      ),
    }
    const present = world.stack.parameters.values()
    const gone = Object.keys(present).filter((name) => !(name in wanted))
    const changed = Object.entries(wanted).filter(
      ([name, value]) => ![value, HIDDEN].includes(present[name]!),
    )
    if (gone.length + changed.length === 0) return
    const patch = {
      ...Object.fromEntries(gone.map((name) => [name, null])),
      ...Object.fromEntries(changed),
    }
    await world.stack.parameters.set(patch)
  }

  async function enrol(serial: string, token: Record<string, unknown>): Promise<void> {
    known.add(serial)
    await api.json('POST', '/token/init', { type: 'email', ...token }, headers)
  }

  async function applyState(wanted: Wanted): Promise<void> {
    const serial = [...wanted.tokens.keys()][0]
    if (!serial) return
    const was = (what: 'disabled' | 'unassigned') => done.has(what)
    const becomes = (what: 'disabled' | 'unassigned') => wanted.done.has(what)
    const change = (what: string) => api.post(`/token/${what}`, { serial }, headers)
    if (becomes('disabled') && !was('disabled')) await change('disable')
    if (!becomes('disabled') && was('disabled')) await change('enable')
    if (becomes('unassigned') && !was('unassigned')) await change('unassign')
    done = wanted.done
  }

  return {
    async apply(setup) {
      if (last === setup.join('\n')) return
      last = setup.join('\n')
      // In the recording's order: a token was enrolled under the policies that stand before it.
      for (const [index, entry] of setup.entries()) {
        const fresh = [...readSetup([entry]).tokens].filter(([serial]) => !known.has(serial))
        if (fresh.length > 0) await applyParameters(readSetup(setup.slice(0, index)))
        for (const [serial, token] of fresh) await enrol(serial, token)
      }
      const wanted = readSetup(setup)
      await applyState(wanted)
      await applyParameters(wanted)
    },
    forget() {
      known.clear()
      done = new Set()
      last = undefined
    },
  }
}
