/** Settings of the local stack: parameters to start with, and changes that run `configure`. */
import { parameterEvent } from './events.ts'
import type { Events } from './events.ts'
import { parseParameters, parsePatch } from './parameters.ts'
import type { ParameterChange, ParameterPatch, Parameters } from './parameters.ts'

/** What the functions behind the parameter rule returned; null when there are none. */
export type Configured = unknown

export type SettingsResult = { parameters: Record<string, string>; configure: Configured }

/** Changes parameters and waits until the functions that follow them have run. */
export type Settings = {
  values(): Record<string, string>
  /** Merges; null removes. */
  set(patch: ParameterPatch): Promise<SettingsResult>
  /** Like {@link set}, from JSON text. Throws AwsError with a sentence. */
  merge(json: string): Promise<SettingsResult>
  /** Replaces everything, from JSON text. Throws AwsError with a sentence. */
  replace(json: string): Promise<SettingsResult>
}

export function settings(parameters: Parameters, events: Events, prefix: string): Settings {
  async function configure(changes: ParameterChange[]): Promise<SettingsResult> {
    const told: ParameterChange[] =
      changes.length > 0 ? changes : [{ name: 'settings', operation: 'Update', secure: false }]
    const results = await events.publish(told.map((change) => parameterEvent(prefix, change)))
    return { parameters: parameters.values(), configure: firstOf(results) }
  }

  return {
    values: () => parameters.values(),
    set: (patch) => configure(parameters.merge(patch)),
    merge: async (json) => configure(parameters.merge(parsePatch(json))),
    replace: async (json) => configure(parameters.replace(parseParameters(json))),
  }
}

function firstOf([result]: Awaited<ReturnType<Events['publish']>>): Configured {
  if (!result) return null
  return 'error' in result ? { error: result.error.message } : result.value
}

/**
 * Parameters that make a fresh stack send its mail to its own mailbox. That takes mail for every
 * domain, and a laptop may be offline: DNS is not asked.
 */
function laptopParameters(smtpPort: number): Record<string, string> {
  return {
    'email.mailserver': '127.0.0.1',
    'email.port': String(smtpPort),
    'email.mailfrom': 'otpost@localhost.example',
    'mail.provider': 'smtp',
    'address.check_domain': 'off',
    'realm.default': 'demo',
  }
}

/**
 * What to change before the functions are configured: everything on a first start; later only the
 * mail port, and that only while it is still the one an earlier run wrote.
 */
export function startingPatch(
  known: Record<string, string>,
  smtpPort: number,
  earlierSmtpPort: number | undefined,
): Record<string, string> {
  if (Object.keys(known).length === 0) return laptopParameters(smtpPort)
  return known['email.port'] === String(earlierSmtpPort) ? { 'email.port': String(smtpPort) } : {}
}
