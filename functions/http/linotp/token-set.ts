/** `/linotp/admin/set`: several things about a token at once. */
import type { Token } from '../../core/account.ts'
import { changeToken, setPin } from '../../core/manage-tokens.ts'
import { tellOfPins } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import { readAlgorithm, readDigits } from '../enrolment.ts'
import { MalformedRequestError } from '../errors.ts'
import { Parameters, type Values } from '../parameters.ts'
import type { AdminPorts } from '../privacyidea/admin-ports.ts'
import { notAllowed } from './admin-caller.ts'
import { linotpAdmin, type LinotpAdminCall, type LinotpAdminHandler } from './admin-route.ts'
import { value } from './envelope.ts'
import { refusal } from './refused.ts'
import { type Held, heldTokens } from './token-held.ts'
import { readValidity } from './token-view.ts'

/** What one parameter changes about a token; `pin` is hashed, and changed by itself. */
type Setting = {
  name: string
  right: 'set' | 'setpin' | 'setdescription'
  change(token: Token): Token
}

const LARGEST_WINDOW = 1_000_000
const unchanged = (token: Token) => token

/** Reads a parameter by its name in lower case; undefined: it is not given. */
type Read = (parameters: Parameters, name: string) => ((token: Token) => Token) | undefined

/** Look-ahead is accepted and not used: a code answers the challenge it was made for. */
const window: Read = (parameters, name) =>
  parameters.integer(name, 0, LARGEST_WINDOW) === undefined ? undefined : unchanged

const member =
  <Name extends keyof Token>(
    key: Name,
    read: (parameters: Parameters, name: string) => Token[Name] | undefined,
  ): Read =>
  (parameters, name) => {
    const value = read(parameters, name)
    return value === undefined ? undefined : (token) => ({ ...token, [key]: value })
  }

const validity =
  (key: 'validFrom' | 'validUntil'): Read =>
  (parameters, name) => {
    const text = parameters.named(name)
    if (text === undefined) return undefined
    const moment = readValidity(text)
    if (moment === undefined) {
      throw new MalformedRequestError(
        `${name} is not a moment like 31/01/26 08:00 (UTC), 2026-01-31T08:00+0000 or unlimited.`,
        name,
      )
    }
    if (moment !== 'unlimited') return (token) => ({ ...token, [key]: moment })
    return ({ [key]: _gone, ...token }) => token
  }

const SETTINGS: Readonly<Record<string, { right: Setting['right']; read: Read }>> = {
  pin: {
    right: 'setpin',
    read: (parameters, name) => (parameters.text(name) === undefined ? undefined : unchanged),
  },
  MaxFailCount: {
    right: 'set',
    read: member('maxFailcount', (parameters, name) => parameters.integer(name, 1, 100)),
  },
  SyncWindow: { right: 'set', read: window },
  description: {
    right: 'setdescription',
    read: member('description', (parameters, name) => parameters.text(name)),
  },
  CounterWindow: { right: 'set', read: window },
  OtpLen: { right: 'set', read: member('digits', readDigits) },
  hashlib: { right: 'set', read: member('algorithm', readAlgorithm) },
  validityPeriodStart: { right: 'set', read: validity('validFrom') },
  validityPeriodEnd: { right: 'set', read: validity('validUntil') },
}

/** What other kinds of token have, and counts that Otpost does not keep: nobody is told it was set. */
const NOT_HERE: Readonly<Record<string, string>> = {
  timewindow: 'is for tokens that follow a clock',
  timestep: 'is for tokens that follow a clock',
  timeshift: 'is for tokens that follow a clock',
  phone: 'is for SMS tokens',
  email_address: 'is set by init with the serial of the token',
  countauth: 'is not counted',
  countauthmax: 'is not limited here; the policies auth_max_success and auth_max_fail do that',
  countauthsuccess: 'is not counted',
  countauthsuccessmax: 'is not limited here; the policy auth_max_success does that',
}

const set: LinotpAdminHandler = async (ports, call) => {
  const parameters = inLowerCase(call.parameters)
  const settings = readSettings(parameters)
  const [first, ...others] = new Set(settings.map(({ right }) => right))
  const { held } = await heldTokens(ports, call, [first!, ...others])
  const pin = parameters.text('pin')
  for (const one of held) checkPin(call, one, pin)
  for (const one of held) await apply(ports, one, settings, pin)
  await tellOfPins(ports, pin === undefined ? [] : held, actingCaller(call.request))
  const counts = settings.map(({ name }) => [`set ${name}`, held.length] as const)
  return value(Object.fromEntries(counts), {}, call.frame)
}

/** LinOTP does not tell `MaxFailCount` from `maxfailcount`. */
function inLowerCase(parameters: Parameters): Parameters {
  const values: Values = new Map()
  for (const [name, value] of Object.entries(parameters.all())) {
    const lower = name.toLowerCase()
    if (values.has(lower)) {
      throw new MalformedRequestError(`${lower} is given more than once.`, lower)
    }
    values.set(lower, value)
  }
  return new Parameters(values)
}

function readSettings(parameters: Parameters): Setting[] {
  const other = Object.keys(NOT_HERE).find((name) => parameters.has(name))
  if (other !== undefined) throw refusal(905, `${other} ${NOT_HERE[other]}.`)
  const settings = Object.entries(SETTINGS).flatMap(([name, { right, read }]) => {
    const change = read(parameters, name.toLowerCase())
    return change ? [{ name, right, change }] : []
  })
  if (settings.length > 0) return settings
  throw refusal(77, `Usage: set: parameters are ${Object.keys(SETTINGS).join(', ')}.`)
}

function checkPin(
  { caller }: LinotpAdminCall,
  { account, serial }: Held,
  pin: string | undefined,
): void {
  if (pin === undefined) return
  const refused = caller.pinRefusal(pin, account)
  if (refused !== undefined) throw notAllowed(refused)
  if (pin === '' && account.tokens[serial]!.type === 'spass') {
    throw refusal(905, 'pin is empty, and the PIN is all that this token asks for.')
  }
}

async function apply(
  ports: AdminPorts,
  { account, serial }: Held,
  settings: readonly Setting[],
  pin: string | undefined,
): Promise<void> {
  const changes = settings.filter(({ name }) => name !== 'pin')
  if (changes.length > 0) {
    await changeToken(ports, account, serial, (token) =>
      changes.reduce((changed, { change }) => change(changed), token),
    )
  }
  const current = pin === undefined ? undefined : await ports.accounts.get(account.key)
  if (current) await setPin(ports, current, serial, pin!)
}

export const LINOTP_TOKEN_SET_ROUTES = [linotpAdmin('POST', '/linotp/admin/set', set)]
