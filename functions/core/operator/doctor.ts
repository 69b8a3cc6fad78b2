import { KEY_PURPOSES } from '../key-purposes.ts'
import { readArguments } from './arguments.ts'
import { type Check, command, type Examine, ok, problem, warning } from './check.ts'
import { MAIL_CHECKS } from './doctor-mail.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done } from './reply.ts'
import { isoTime } from './views.ts'

const keyring: Examine = async ({ ensureKeyring, keyring: keys }) => {
  await ensureKeyring()
  await Promise.all(KEY_PURPOSES.map((purpose) => keys.key(purpose)))
  return ok('Every key is there and opens.')
}

const settings: Examine = async (ports) => {
  const { rev, snapshot } = await ports.snapshots.load()
  const check = command('config check', ports)
  if (!snapshot && rev > 0) return problem('The published settings cannot be read.', check)
  if (!snapshot)
    return problem('No settings were ever published; the defaults are in force.', check)

  const { version, publishedAt, problems } = snapshot
  const inForce = `Version ${version} of ${isoTime(publishedAt)} is in force`
  if (problems.length === 0) return ok(`${inForce}, and the parameters have no problems.`)
  const named = problems.map(({ name, reason }) => `${name} ${reason}`).join('; ')
  const refused = problems.some(({ severity }) => severity === 'error')
  return refused
    ? problem(`${inForce}, but newer parameters are refused: ${named}.`, check)
    : warning(`${inForce}. ${named}.`, check)
}

const callers: Examine = async (ports) => {
  const { api_key_required: keyed, 'validate.clients': networks } = await ports.settings.current()
  if (keyed) return ok('/validate answers holders of an API key only.')
  if (networks.length > 0)
    return ok(`/validate answers these networks only: ${networks.join(', ')}.`)
  return warning(
    '/validate is open to anybody who can reach it.',
    `${command('config set validate.clients <networks>', ports)}, or ` +
      command('config set api_key_required true', ports),
  )
}

const admins: Examine = async (ports) => {
  const { length } = await ports.admins.all()
  if (length > 0) return ok(`Administrators: ${length}.`)
  return warning(
    'There is no administrator, so nobody can sign in to the API for administrators.',
    command('admin add <name>', ports),
  )
}

const guessing: Examine = async (ports) => {
  const current = await ports.settings.current()
  const guesses = current['account.max_wrong_per_day']
  const digits = current['otp.length']
  const probability = (guesses / 10 ** digits).toExponential(1)
  const sum = `${guesses} guesses / 10^${digits} codes`
  return ok(`A code is guessed with probability ${probability} per account and day (${sum}).`)
}

const CHECKS: Readonly<Record<string, Examine>> = {
  keyring,
  settings,
  ...MAIL_CHECKS,
  validate_access: callers,
  admins,
  guessing,
}

/** Looks at everything a deployment needs; a look that fails is a problem, and the others go on. */
export const doctor: Command = async (ports, args) => {
  readArguments(args, {})
  const checks = Object.entries(CHECKS).map(([id, examine]) => look(ports, id, examine))
  return done((await Promise.all(checks)).filter((check) => check !== undefined))
}

async function look(
  ports: OperatorPorts,
  id: string,
  examine: Examine,
): Promise<Check | undefined> {
  try {
    const finding = await examine(ports)
    return finding && { id, ...finding }
  } catch (error) {
    ports.log('error', 'check failed', { check: id, error })
    const name = error instanceof Error ? error.name : 'unknown error'
    return {
      id,
      ...problem(`This could not be checked: ${name}.`, "The function's log says more."),
    }
  }
}
