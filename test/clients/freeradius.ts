/** A real FreeRADIUS on a loopback port, set up as the page of it says, and its own client. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { accessSync, constants, existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setupOf } from './page.ts'

const BINARIES = ['/usr/sbin/freeradius', '/usr/sbin/radiusd']
const PACKAGED = ['/etc/freeradius/3.0', '/etc/raddb']
const MODULES = ['/usr/lib/freeradius', '/usr/lib64/freeradius']

const binary = BINARIES.find(existsSync)
const packaged = PACKAGED.find((folder) => isReadable(join(folder, 'radiusd.conf')))

/** Why it cannot run here; undefined where it can. */
export function whyNoFreeradius(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux'
  if (!binary || !existsSync('/usr/bin/radclient')) return 'no FreeRADIUS with its radclient'
  if (!packaged) return 'no packaged configuration of FreeRADIUS that may be read'
  const isThere = (folder: string) => existsSync(join(folder, 'rlm_rest.so'))
  return MODULES.some(isThere) ? undefined : 'FreeRADIUS has no rlm_rest'
}

/** Addresses of the clients of the page, as seen from here. */
export const ASKS_AGAIN = '127.0.0.1'
export const ASKS_ONCE = '127.0.0.2'
export const SHELL = '127.0.0.3'
/** What all of them share with it. */
export const SECRET = 'secret-of-the-gateways'

export type Freeradius = {
  port: number
  /** What a gateway at this address is answered; undefined: nothing. */
  ask(from: string, request: Attributes, tries?: Tries): Promise<Reply | undefined>
  /** What it logged. */
  log(): string
  stop(): Promise<void>
}

/** How often and how long a gateway tries. */
export type Tries = { times: number; seconds: number }
/** By name; octets as `0x…`. */
export type Attributes = Record<string, string>
export type Reply = { code: string; attributes: Attributes }

export type FreeradiusOptions = {
  /** URL of the service. */
  api: string
  /** PEM of the authority it trusts. */
  ca: string
  apiKey: string
}

/** Starts it with the packaged configuration and what the page adds to it. */
export async function startFreeradius(options: FreeradiusOptions): Promise<Freeradius> {
  const home = await mkdtemp(join(tmpdir(), 'otpost-freeradius-'))
  const port = await freePort()
  try {
    await configure(home, port, options)
    const { child, log } = await started(home)
    return {
      port,
      ask: (from, request, tries) => radclient(port, from, request, tries),
      log,
      async stop() {
        await ended(child)
        await rm(home, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    throw error
  }
}

const FILES = ['mods-available/otpost', 'sites-available/otpost', 'clients.conf']

async function configure(home: string, port: number, options: FreeradiusOptions): Promise<void> {
  const { files, commands } = setupOf('FREERADIUS.md')
  await cp(packaged!, home, { recursive: true, verbatimSymlinks: true })
  await settle(join(home, 'radiusd.conf'), [
    [/^(raddbdir|logdir|run_dir) = .*/gm, `$1 = ${home}`],
    [/^[#\s]*(user|group) = .*/gm, ''],
    [/^proxy_requests .*/m, 'proxy_requests = no'],
    [/reject_delay = .*/, 'reject_delay = 0'],
  ])
  const authority = join(home, 'authority.pem')
  await writeFile(authority, options.ca)
  for (const name of FILES) await writeFile(join(home, name), files.get(name)!)
  await settle(join(home, 'mods-available/otpost'), [
    ['https://otpost.example.org', options.api],
    ['/etc/ssl/certs/ca-certificates.crt', authority],
  ])
  await settle(join(home, 'sites-available/otpost'), [
    ['API-KEY', options.apiKey],
    ['ipaddr = *', 'ipaddr = 127.0.0.1'],
    ['port = 1812', `port = ${port}`],
  ])
  await settle(join(home, 'clients.conf'), [
    ['192.0.2.10', ASKS_AGAIN],
    ['192.0.2.20', ASKS_ONCE],
    ['192.0.2.30', SHELL],
    [/secret = .*/g, `secret = "${SECRET}"`],
  ])
  const links = commands.filter((line) => /^(rm|ln) /.test(line))
  execFileSync('/bin/sh', ['-ec', links.join('\n')], { cwd: home })
}

/** Replaces what differs from machine to machine; throws where it is not there. */
async function settle(file: string, changes: [string | RegExp, string][]): Promise<void> {
  let text = await readFile(file, 'utf8')
  for (const [from, to] of changes) {
    if (text.search(typeof from === 'string' ? RegExp.escape(from) : from) < 0)
      throw new Error(`${file} has no ${from}`)
    text = text.replace(from, to)
  }
  await writeFile(file, text)
}

const STARTED = /Ready to process requests/

async function started(home: string): Promise<{ child: ChildProcess; log: () => string }> {
  const child = spawn(binary!, ['-f', '-l', 'stdout', '-d', home], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  await new Promise<void>((resolve, reject) => {
    const failed = () => reject(new Error(`FreeRADIUS did not start: ${text}`))
    const read = (chunk: Buffer) => {
      text += chunk
      if (STARTED.test(text)) resolve()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', failed).once('exit', failed)
  })
  return { child, log: () => text }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}

const ONCE: Tries = { times: 1, seconds: 20 }

function radclient(
  port: number,
  from: string,
  request: Attributes,
  { times, seconds }: Tries = ONCE,
): Promise<Reply | undefined> {
  const lines = Object.entries({ ...request, 'Packet-Src-IP-Address': from })
  const input = lines.map(([name, value]) => `${name} = ${literal(value)}\n`).join('')
  const options = ['-x', '-r', `${times}`, '-t', `${seconds}`, `127.0.0.1:${port}`, 'auth', SECRET]
  return new Promise((resolve) => {
    const child = execFile('/usr/bin/radclient', options, (_, stdout) => resolve(replyIn(stdout)))
    child.stdin!.end(input)
  })
}

/** Addresses and octets as they are; a text in quotes, which radclient takes off and then reads again. */
const literal = (value: string) =>
  /^(0x[0-9a-f]+|127\.[\d.]+)$/.test(value)
    ? value
    : `"${value.replaceAll('\\', '\\\\\\\\').replaceAll('"', '\\"')}"`

const RECEIVED = /^Received (\S+) Id [^\n]*\n((?:\t[^\n]*\n?)*)/m
const ATTRIBUTE = /^\t(\S+) = (.*)$/gm

function replyIn(stdout: string): Reply | undefined {
  const [, code, text] = RECEIVED.exec(stdout) ?? []
  if (code === undefined) return undefined
  const pairs = [...text!.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, unquoted(value!)])
  return { code, attributes: Object.fromEntries(pairs) as Attributes }
}

const unquoted = (value: string) => value.replace(/^"(.*)"$/, '$1')

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}
