#!/usr/bin/env node
/**
 * Runs a script under the Node it is written for, whatever Node is installed here:
 *
 *   node bin/node24.mjs bin/dev.ts
 *
 * Plain JavaScript, so that any Node from 16 on can start it. The first run on a fresh machine
 * installs the dependencies, exactly those of the lock file; one of them is Node 24 itself.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lockChanges } from './lock-changes.mjs'

// TypeScript without a build step, and crypto.argon2.
const NEEDED = [24, 7]
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MODULES = join(ROOT, 'node_modules')

installOnce()
warnOfChanges()
const node = shippedNode() ?? ownNode() ?? explainAndExit()
run(node, process.argv.slice(2))

function installOnce() {
  // npm writes this file last: without it an installation was never finished.
  if (existsSync(join(MODULES, '.package-lock.json'))) return
  console.error('Installing dependencies (once) …')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const stdio = ['inherit', 'ignore', 'inherit']
  const windows = process.platform === 'win32'
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, stdio })
    : spawnSync('npm', args, { cwd: ROOT, stdio, shell: windows })
  if (status === 0) return
  console.error(`npm ci failed${error ? `: ${error.message}` : ''}.`)
  process.exit(status ?? 1)
}

/** Says why something may be missing, and leaves it to its owner: an installation takes a while. */
function warnOfChanges() {
  const changes = lockChanges(ROOT)
  if (changes.length === 0) return
  const more = changes.length > 3 ? ` and ${changes.length - 3} more` : ''
  console.error(
    `package-lock.json has changed since the last installation (${changes.slice(0, 3).join(', ')}` +
      `${more}): run npm install.`,
  )
}

/** The Node that came with the dependencies, if it runs on this machine. */
function shippedNode() {
  const windows = process.platform === 'win32'
  const platform = windows ? 'win' : process.platform
  const executable = join('bin', windows ? 'node.exe' : 'node')
  return ['node', 'node-bin']
    .map((name) => join(MODULES, `${name}-${platform}-${process.arch}`, executable))
    .find((path) => existsSync(path) && fits(versionOf(path)))
}

function ownNode() {
  return fits(process.versions.node) ? process.execPath : undefined
}

function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return (stdout ?? '').trim().slice(1)
}

function fits(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

function explainAndExit() {
  console.error(
    `Otpost needs Node ${NEEDED.join('.')} or later. This is Node ${process.versions.node}, and ` +
      `none was installed for ${process.platform}-${process.arch}: install Node 24 and try again.`,
  )
  process.exit(1)
}

function run(node, args) {
  const path = [dirname(node), join(MODULES, '.bin'), process.env.PATH].join(delimiter)
  const child = spawn(node, args, {
    stdio: 'inherit',
    // The process id lets the script notice when this launcher is gone.
    env: { ...process.env, PATH: path, OTPOST_LAUNCHER: String(process.pid) },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  process.on('exit', () => child.kill())
  child.on('error', (error) => {
    console.error(error.message)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
