import { maskAddress } from '../../mail/mask-address.ts'
import { directoryUsers } from '../directory-users.ts'
import { isRemote } from '../directory.ts'
import { realmsWith } from '../resolvers.ts'
import { resolverName } from '../setting-kinds-net.ts'
import { line } from '../setting-kinds.ts'
import { SourceFault, type SourceUser } from '../user-source.ts'
import { readArguments } from './arguments.ts'
import { text } from './fields.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done, refused } from './reply.ts'

const ARGUMENTS = { name: text(resolverName), login: text(line(256)) }

/** What a look-up found; a failed one has the words of who was asked. */
export type ResolverTest =
  | { found: true; user: Omit<SourceUser, 'email'> & { email: string[] } }
  | { found: false; fault?: string }

/** Looks a user up by a resolver that is in force, now, and tells addresses masked. */
export const testResolverCommand: Command = async (ports, args) => {
  const { name, login } = readArguments(args, ARGUMENTS)
  const settings = await ports.settings.current()
  const directory = settings.directories.get(name)
  if (!directory) return refused('not_found', `There is no resolver ${name}.`, 'name')
  try {
    const user = isRemote(directory)
      ? await ports.remoteUsers?.find(name, login, true)
      : await findHere(ports, realmsWith(settings, name), login)
    return done(
      user ? { found: true, user: masked(user, settings['mask.address']) } : { found: false },
    )
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error
    return done({ found: false, fault: error.message })
  }
}

async function findHere(ports: OperatorPorts, realms: string[], login: string) {
  for (const realm of realms) {
    const user = await directoryUsers(ports, realm).find(login)
    if (user) return user
  }
  return undefined
}

function masked(user: SourceUser, mask: string): SourceUser {
  const { phone, mobile, ...known } = user
  const shown = Object.entries({ phone, mobile }).filter(([, text]) => text !== undefined)
  return {
    ...known,
    email: user.email.map((address) => maskAddress(address, mask)),
    ...Object.fromEntries(shown.map(([name, text]) => [name, `…${text!.slice(-2)}`])),
  }
}
