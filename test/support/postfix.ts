/** A real mail server, Debian's postfix, on loopback ports with its own queue; it needs root. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, chown, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Why it cannot run here; undefined where it can. */
export const whyNoPostfix = (): string | undefined => {
  if (process.platform !== 'linux') return 'not Linux'
  if (!existsSync('/usr/sbin/postfix')) return 'no postfix'
  if (process.getuid?.() !== 0) return 'not root: postfix changes to users of its own'
  return undefined
}

export type Postfix = {
  port: number
  /** What it logged, oldest first. */
  log(): string
  stop(): Promise<void>
}

export type PostfixOptions = {
  certificate: { cert: string; key: string }
  /** Where it relays every mail to, in clear. */
  relayTo: number
  /** Members of main.cf over the usual ones. */
  settings?: Record<string, string>
}

const STARTED = /daemon started/

/** Starts one that offers STARTTLS, takes mail from here only once TLS is on, and relays it. */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const home = await mkdtemp(join(tmpdir(), 'otpost-postfix-'))
  const port = await freePort()
  await configure(home, port, options)

  const child = spawn('/usr/sbin/postfix', ['-c', join(home, 'etc'), 'start-fg'], {
    stdio: 'ignore',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  })
  const log = () => {
    const file = join(home, 'maillog')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  async function stop() {
    await ended(child, home)
    await rm(home, { recursive: true, force: true })
  }
  try {
    await listening(child, port, log)
  } catch (error) {
    await stop()
    throw error
  }
  return { port, log, stop }
}

async function configure(home: string, port: number, options: PostfixOptions): Promise<void> {
  const { certificate, relayTo, settings } = options
  await chmod(home, 0o755)
  const etc = join(home, 'etc')
  for (const folder of ['etc', 'queue', 'data']) await mkdir(join(home, folder))
  const { uid, gid } = idsOf('postfix')
  await chown(join(home, 'data'), uid, gid)

  const pem = join(etc, 'server.pem')
  await writeFile(pem, `${certificate.key.trim()}\n${certificate.cert.trim()}\n`, { mode: 0o600 })
  const main: Record<string, string> = {
    compatibility_level: '3.6',
    queue_directory: join(home, 'queue'),
    data_directory: join(home, 'data'),
    maillog_file: join(home, 'maillog'),
    maillog_file_prefixes: home,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'relay.example',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    alias_maps: '',
    alias_database: '',
    local_recipient_maps: '',
    relayhost: `[127.0.0.1]:${relayTo}`,
    smtp_tls_security_level: 'none',
    smtpd_tls_security_level: 'encrypt',
    smtpd_tls_chain_files: pem,
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtputf8_enable: 'yes',
    ...settings,
  }
  const text = Object.entries(main).map(([name, value]) => `${name} = ${value}\n`)
  await writeFile(join(etc, 'main.cf'), text.join(''))
  await writeFile(join(etc, 'master.cf'), masterCf(port))
  for (const file of ['postfix-files', 'postfix-files.d', 'dynamicmaps.cf', 'dynamicmaps.cf.d']) {
    const from = join('/etc/postfix', file)
    if (existsSync(from)) await cp(from, join(etc, file), { recursive: true })
  }
}

/** Only what takes, queues and relays a mail; nothing in a chroot. */
const masterCf = (port: number) =>
  [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'verify unix - - n - 1 verify',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n')

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(child: ChildProcess, port: number, log: () => string): Promise<void> {
  const until = Date.now() + 20_000
  while (Date.now() < until && child.exitCode === null) {
    if (STARTED.test(log())) return
    await delay(50)
  }
  throw new Error(`postfix does not listen on ${port}: ${log()}`)
}

/** Ends it: its master left the process we started for a session of its own, and ends the rest. */
async function ended(child: ChildProcess, home: string): Promise<void> {
  const pidFile = join(home, 'queue', 'pid', 'master.pid')
  const master = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : child.pid
  if (!master) return
  const until = Date.now() + 5000
  process.kill(master, 'SIGTERM')
  while (isAlive(master) && Date.now() < until) await delay(50)
  if (isAlive(master)) process.kill(master, 'SIGKILL')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
