import { isIP } from 'node:net'
import { explainLogin } from '../explain-login.ts'
import { loginPolicy, type Person } from '../login-policy.ts'
import { SCOPES, type Scope } from '../policy/policy.ts'
import type { Settings } from '../settings.ts'
import { type Field, readArguments } from './arguments.ts'
import { login, optional, realm, serial, shortText } from './fields.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done, type Reply } from './reply.ts'
import { accountOf, holderOf, noSuchToken, whoIs } from './subject.ts'

const text = (accepted: string, isOne: (value: string) => boolean): Field<string> => ({
  accepted,
  read: (value) =>
    typeof value === 'string' && isOne(value) ? { value } : { refused: 'is not accepted' },
})

const moment = text('a moment such as 2026-11-20T10:30:00Z', (value) => {
  return /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value))
})
const scope = text(`one of ${SCOPES.join(', ')}`, (value) => SCOPES.some((one) => one === value))

const SHAPE = {
  user: optional(login),
  realm: optional(realm),
  serial: optional(serial),
  client: optional(text('an IPv4 or IPv6 address', (value) => isIP(value) > 0)),
  user_agent: optional(shortText),
  application: optional(shortText),
  time: optional(moment),
  scope: optional(scope),
}
type Asked = {
  clientIp: string
  userAgent: string | undefined
  application: string
  now: number
  scope?: Scope
}

/** Which policies apply to a login, which do not and why, and what comes out. Changes nothing. */
export const explainPolicy: Command = async (ports, args) => {
  const values = readArguments(args, SHAPE)
  const { user, realm, serial: token, client = '', user_agent: userAgent, time } = values
  const asked: Asked = {
    clientIp: client,
    userAgent,
    application: values.application ?? '',
    now: time === undefined ? ports.now() : Date.parse(time),
    ...(values.scope === undefined ? {} : { scope: values.scope as Scope }),
  }
  if (token !== undefined) return explainToken(ports, token, asked)
  if (user === undefined) return explain(await ports.settings.current(), { who: NOBODY }, asked)
  return explainUser(ports, { user, realm }, asked)
}

const NOBODY: Person = { realm: '' }

async function explainToken(ports: OperatorPorts, serial: string, asked: Asked): Promise<Reply> {
  const account = await holderOf(ports, serial)
  if (!account) return noSuchToken(serial)
  return explain(await ports.settings.current(), { account, serials: [serial] }, asked)
}

async function explainUser(
  ports: OperatorPorts,
  named: { user: string; realm?: string | undefined },
  asked: Asked,
): Promise<Reply> {
  const settings = await ports.settings.current()
  const who = await whoIs(ports, named)
  const { value: elsewhere } = loginPolicy(settings, who, asked, asked.now).login.setRealm
  const found = elsewhere === undefined ? who : { ...who, realm: elsewhere }
  const account = await accountOf(ports, found)
  return explain(settings, account ? { account } : { who: found }, asked)
}

const explain = (settings: Settings, whose: Parameters<typeof explainLogin>[1], asked: Asked) => {
  const { now, scope: only, ...caller } = asked
  const { who, firstFactor, authorized, conflicts, ...rest } = explainLogin(
    settings,
    whose,
    caller,
    now,
    only,
  )
  return done({
    user: who.login ?? null,
    realm: who.realm,
    resolver: who.resolver ?? null,
    known: who.known,
    client: asked.clientIp,
    user_agent: asked.userAgent ?? '',
    application: asked.application,
    time: new Date(now).toISOString(),
    authorized,
    first_factor: firstFactor,
    conflicts,
    ...rest,
  })
}
