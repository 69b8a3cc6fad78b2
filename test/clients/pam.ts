/** PAM's own client, with services of a folder of ours: the machine's own stay as they are. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { setupOf } from './page.ts'

const FOLDERS = ['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
const found = (file: string) => FOLDERS.map((folder) => join(folder, file)).find(existsSync)

const pamtester = ['/usr/bin/pamtester', '/usr/local/bin/pamtester'].find(existsSync)
const wrapper = found('libpam_wrapper.so')

/** Why it cannot run here; undefined where it can. */
export function whyNoPamRadius(): string | undefined {
  if (!pamtester || !wrapper) return 'no pamtester with pam_wrapper'
  return found('security/pam_radius_auth.so') ? undefined : 'no pam_radius'
}

export type Pam = {
  /** Types these, each where it is asked for; what was asked, and whether that let in. */
  logIn(user: string, ...typed: Typed[]): Promise<{ asked: string; letsIn: boolean }>
  stop(): Promise<void>
}
/** What is typed, or how to learn it. */
export type Typed = string | (() => Promise<string>)

/** A machine set up as the page says, which asks the RADIUS server from an address of its own. */
export async function startPam(server: Server): Promise<Pam> {
  const home = await mkdtemp(join(tmpdir(), 'otpost-pam-'))
  const conf = join(home, 'pam_radius_auth.conf')
  await writeFile(conf, confOf(server), { mode: 0o600 })
  const services = await mkdtemp(join(home, 'pam.d-'))
  const service = setupOf('FREERADIUS.md').files.get('pam.d/sshd')!
  const text = service.replace('pam_radius_auth.so', `$& conf=${conf}`)
  await writeFile(join(services, 'sshd'), `${text}account required pam_permit.so\n`)
  return {
    logIn: (user, ...typed) => logIn(services, user, typed),
    stop: () => rm(home, { recursive: true, force: true }),
  }
}

export type Server = { port: number; secret: string; from: string }

function confOf({ port, secret, from }: Server): string {
  const line = setupOf('FREERADIUS.md').files.get('pam_radius_auth.conf')!.trim()
  const [, , seconds] = line.split(' ')
  return `127.0.0.1:${port} ${secret} ${seconds} ${from}\n`
}

async function logIn(services: string, user: string, typed: Typed[]) {
  const child = spawn(pamtester!, ['sshd', user, 'authenticate'], {
    env: { LD_PRELOAD: wrapper, PAM_WRAPPER: '1', PAM_WRAPPER_SERVICE_DIR: services },
  })
  let asked = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (asked += data))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  // it may have made up its mind before it has read everything
  child.stdin.on('error', () => undefined)
  for (const [index, one] of typed.entries()) {
    const prompt = index === 0 ? /Password: $/ : /Password: [^]/
    while (!prompt.test(asked) && child.exitCode === null) await setTimeout(20)
    child.stdin.write(`${typeof one === 'string' ? one : await one()}\n`)
  }
  child.stdin.end()
  return { letsIn: (await ended) === 0, asked }
}
