/** A real OpenLDAP server on loopback, where one is installed: LDAPS and STARTTLS by a test CA. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Attribute, Change, Client } from 'ldapts'
import { type Certificates, makeCertificates } from '../certificates.ts'

const SLAPD = [
  '/usr/sbin/slapd',
  '/usr/local/libexec/slapd',
  '/opt/homebrew/opt/openldap/libexec/slapd',
]
const SCHEMAS = ['/etc/ldap/schema', '/etc/openldap/schema', '/opt/homebrew/etc/openldap/schema']
const MODULES = ['/usr/lib/ldap', '/usr/lib64/openldap', '/usr/lib/openldap']

const binary = SLAPD.find(existsSync)
const schemas = SCHEMAS.find((path) => existsSync(join(path, 'inetorgperson.schema')))
/** Why there is none here, or undefined. */
export const WITHOUT_SLAPD =
  binary && schemas ? undefined : 'slapd with its schemas is not installed'

export const BASE = 'dc=example,dc=org'
export const BIND_DN = `cn=otpost,${BASE}`
export const BIND_PASSWORD = 'look-up-only'

export type Slapd = {
  /** `ldap://127.0.0.1:<port>`: STARTTLS only for whoever says a password. */
  ldap: string
  ldaps: string
  /** The same server by a name its certificate is not for. */
  ldapsByOtherName: string
  ca: string
  certificates: Certificates
  /** Gives an entry other values of an attribute. */
  replace(dn: string, attribute: string, values: string[]): Promise<void>
  remove(dn: string): Promise<void>
  /** Stops it from answering while its connections stay open. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** Starts it with these entries below {@link BASE} (LDIF). */
export async function startSlapd(entries: string): Promise<Slapd> {
  const directory = mkdtempSync(join(tmpdir(), 'otpost-slapd-'))
  const file = (name: string, text: string) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return path
  }
  const certificates = await makeCertificates(['127.0.0.1'])
  const database = join(directory, 'db')
  mkdirSync(database)
  const config = file(
    'slapd.conf',
    configuration({
      database,
      ca: file('ca.pem', certificates.ca),
      cert: file('cert.pem', certificates.server.cert),
      key: file('key.pem', certificates.server.key),
    }),
  )
  const loaded = spawnSync(
    binary!,
    ['-T', 'add', '-f', config, '-l', file('entries.ldif', `${ROOT}\n${entries}`)],
    { encoding: 'utf8' },
  )
  if (loaded.status !== 0) throw new Error(`slapadd: ${loaded.stderr}`)

  const [plain, secure] = [await freePort(), await freePort()]
  const urls = `ldap://127.0.0.1:${plain} ldaps://127.0.0.1:${secure}`
  const child = spawn(binary!, ['-f', config, '-h', urls, '-d', '0'], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await listening(secure)
  return {
    ldap: `ldap://127.0.0.1:${plain}`,
    ldaps: `ldaps://127.0.0.1:${secure}`,
    ldapsByOtherName: `ldaps://localhost:${secure}`,
    ca: certificates.ca,
    certificates,
    replace: (dn, type, values) =>
      asAdmin(plain, (client) => {
        const modification = new Attribute({ type, values })
        return client.modify(dn, new Change({ operation: 'replace', modification }))
      }),
    remove: (dn) => asAdmin(plain, (client) => client.del(dn)),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async stop() {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
      await ended
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function asAdmin(port: number, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ url: `ldap://127.0.0.1:${port}` })
  await client.bind(`cn=admin,${BASE}`, 'admin')
  await work(client)
  await client.unbind()
}

type Files = { database: string; ca: string; cert: string; key: string }

const configuration = ({ database, ca, cert, key }: Files) => `
${['core', 'cosine', 'inetorgperson'].map((name) => `include ${schemas}/${name}.schema`).join('\n')}
${MODULES.filter(existsSync)
  .slice(0, 1)
  .map((path) => `modulepath ${path}\nmoduleload back_mdb`)
  .join('\n')}
TLSCACertificateFile ${ca}
TLSCertificateFile ${cert}
TLSCertificateKeyFile ${key}
# an unauthenticated bind (a name without a password) succeeds here, as in many directories
allow bind_anon_cred bind_anon_dn
database mdb
maxsize 10485760
suffix "${BASE}"
rootdn "cn=admin,${BASE}"
rootpw admin
directory ${database}
access to attrs=userPassword by anonymous auth by * none
access to * by dn="${BIND_DN}" read by anonymous auth by * none
`

const ROOT = `
dn: ${BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${BIND_DN}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: otpost
userPassword: ${BIND_PASSWORD}
`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await setTimeout(50)
  }
  throw new Error('slapd did not start.')
}
