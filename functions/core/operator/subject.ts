/** Whom a command is about. */
import { type Account, accountKey } from '../account.ts'
import { nameOf } from '../find-account.ts'
import { InvalidArgumentError } from './arguments.ts'
import type { OperatorPorts } from './ports.ts'
import { refused } from './reply.ts'
import type { Settings } from '../settings.ts'

type Named = { user: string; realm?: string | undefined }
export type Who = { login: string; realm: string }

/** Login and realm of a user as the wires would read them. Throws for a realm nobody declared. */
export async function whoIs({ settings }: OperatorPorts, { user, realm }: Named): Promise<Who> {
  const current = await settings.current()
  return inDeclaredRealm(nameOf(user, realm, current), current)
}

/** Throws for a realm that is not in the settings, and says how to declare it. */
export function inDeclaredRealm(who: Who, settings: Settings): Who {
  if (settings.realms.has(who.realm)) return who
  throw new InvalidArgumentError(
    'realm',
    `There is no realm ${who.realm}. Declare it with: ` +
      `otpost config set realms/${who.realm} directory. ` +
      `Declared: ${[...settings.realms].join(', ')}.`,
  )
}

export const accountOf = ({ accounts }: OperatorPorts, { realm, login }: Who) =>
  accounts.get(accountKey(realm, login))

export const noSuchUser = ({ realm, login }: Who) =>
  refused('not_found', `There is no user ${login} in the realm ${realm}.`, 'user')

/** The account that holds a token. */
export async function holderOf(
  { accounts }: OperatorPorts,
  serial: string,
): Promise<Account | undefined> {
  const key = await accounts.findSerial(serial)
  const account = key === undefined ? undefined : await accounts.get(key)
  return account?.tokens[serial] ? account : undefined
}

export const noSuchToken = (serial: string) =>
  refused('not_found', `There is no token ${serial}.`, 'serial')
