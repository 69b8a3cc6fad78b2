/** Users of a directory that speaks LDAP (RFC 4511). Referrals are not followed. */
import type { Socket } from 'node:net'
import { Client, type Entry, ResultCodeError } from 'ldapts'
import type { LdapDirectory } from '../core/directory-kinds.ts'
import {
  isLogin,
  SourceFault,
  type SourceUser,
  UnanswerableError,
  type UserSource,
} from '../core/user-source.ts'
import { connectLdap } from './ldap-connection.ts'
import { filterOf, prefixFilterOf } from './ldap-filter.ts'
import { isNamed, sourceUser } from './source-user.ts'

/** The most octets a server may send for one question. */
const MOST_OCTETS = 4 * 1024 * 1024

/**
 * Asks the servers in their order; the next one only where one cannot be reached.
 *
 * @param password of `bind_dn`
 */
export function ldapUserSource(directory: LdapDirectory, password?: string): UserSource {
  const { attributes, baseDn, bindDn, filter, loginAttribute, scope, timeout } = directory
  const wanted = [...new Set([loginAttribute, ...Object.values(attributes).flat()])]

  /** Who looks for users says who they are first. */
  async function search(client: Client, filter: string, sizeLimit: number): Promise<Entry[]> {
    if (bindDn !== '') {
      if (!password) throw new SourceFault('The password of bind_dn is missing.')
      await client.bind(bindDn, password)
    }
    const options = { scope, filter, sizeLimit, timeLimit: timeout, attributes: wanted }
    return (await client.search(baseDn, options)).searchEntries
  }

  /** The one entry of that name. More than one: nobody can tell whose login it is. */
  async function entryOf(client: Client, login: string): Promise<Entry | undefined> {
    const [entry, another] = await search(client, filterOf(filter, login), 2)
    if (another) throw new UnanswerableError('The LDAP server knows several users of that name.')
    return entry
  }

  const userOf = (entry: Entry, login: string): SourceUser | undefined =>
    sourceUser(valuesOf(entry), { attributes, loginAttribute, login, id: entry.dn })

  return {
    async find(login) {
      if (!isLogin(login)) return undefined
      const entry = await ask(directory, (client) => entryOf(client, login))
      return entry && userOf(entry, login)
    },

    async checkPassword(login, typed) {
      // a bind without a password is nobody's, and succeeds (RFC 4513 §5.1.2)
      if (!isLogin(login) || typed === '') return false
      return ask(directory, async (client) => {
        const entry = await entryOf(client, login)
        const user = entry && userOf(entry, login)
        if (!user || entry.dn === '' || !isNamed(user, login)) return false
        return binds(client, entry.dn, typed)
      })
    },

    async list(prefix) {
      const { sizeLimit } = directory
      const found = prefixFilterOf(filter, prefix)
      const entries = await ask(directory, (client) => search(client, found, sizeLimit))
      const users = entries.flatMap((entry) => userOf(entry, '') ?? [])
      return { users, more: entries.length >= sizeLimit }
    },
  }
}

/**
 * What servers say to a password that is not the right one, or of a user who may not sign in
 * (RFC 4511 appendix A.2): noSuchObject, inappropriateAuthentication, invalidCredentials,
 * insufficientAccessRights, unwillingToPerform.
 */
const WRONG = [32, 48, 49, 50, 53]

async function binds(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password)
    return true
  } catch (error) {
    if (error instanceof ResultCodeError && WRONG.includes(error.code)) return false
    throw error
  }
}

/** Asks on a connection of its own, which ends with the answer or when time is up. */
async function ask<T>(
  { uri: uris, starttls, ca, timeout }: LdapDirectory,
  question: (client: Client) => Promise<T>,
): Promise<T> {
  let fault: unknown
  for (const uri of uris) {
    const end = performance.now() + timeout * 1000
    let socket: Socket
    try {
      socket = await connectLdap({ uri, starttls, ca, timeoutMs: timeout * 1000 })
    } catch (error) {
      fault = error
      continue
    }
    try {
      const left = Math.max(1, end - performance.now())
      return await within(socket, left, () => question(clientOn(socket)))
    } catch (error) {
      throw faultOf(error)
    } finally {
      socket.destroy()
    }
  }
  throw fault
}

/** A client on a connection that is there already, and that it cannot replace by one in clear. */
function clientOn(socket: Socket): Client {
  let free: Socket | undefined = socket
  const createConnection = () => {
    if (!free) throw new SourceFault('The LDAP server closed the connection.')
    const own = free
    free = undefined
    return own
  }
  return new Client({ url: 'ldap://connected.invalid', createConnection })
}

/** Ends a question that takes too long, or whose answer is too long. */
function within<T>(socket: Socket, timeoutMs: number, question: () => Promise<T>): Promise<T> {
  const end = (why: string) => {
    socket.destroy()
    reject(new SourceFault(`The LDAP server ${why}.`))
  }
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(end, timeoutMs, 'did not answer in time')
  const most = socket.bytesRead + MOST_OCTETS
  socket.on('data', () => {
    if (socket.bytesRead > most) end('answered too much')
  })
  return Promise.race([question(), ended]).finally(() => clearTimeout(timer))
}

/** The server's own words; they are about the question, never about a password. */
function faultOf(error: unknown): SourceFault {
  if (error instanceof SourceFault) return error
  const { name, message } = error as Error
  return new SourceFault(`The LDAP server failed: ${message || name}`.slice(0, 300))
}

/** Values by attribute in lower case: servers spell names as their schema does. */
function valuesOf({ dn: _dn, ...entry }: Entry): ReadonlyMap<string, readonly string[]> {
  const texts = (value: Entry[string]) =>
    [value].flat().map((one) => (Buffer.isBuffer(one) ? one.toString('hex') : String(one)))
  return new Map(
    Object.entries(entry).map(([name, value]) => [name.toLowerCase(), texts(value)] as const),
  )
}
