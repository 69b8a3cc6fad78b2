/** The local stack: the whole service on this machine. `npm start` runs it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DataInUseError } from '../lib/local/data-directory.ts'
import { PortInUseError } from '../lib/local/loopback.ts'
import { consoleLog } from '../lib/local/output.ts'
import { whenOrphaned } from '../lib/local/orphan.ts'
import { startStack } from '../lib/local/stack.ts'
import type { LocalStack } from '../lib/local/stack.ts'

const STOP_WITHIN_MS = 2500

const { env } = process
const starting = new AbortController()
let stack: LocalStack | undefined
let stopping = false

async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  starting.abort()
  await Promise.race([stack?.stop(), sleep(STOP_WITHIN_MS)])
  process.exit(0)
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('SIGHUP', stop)
whenOrphaned(env.OTPOST_LAUNCHER, stop)

try {
  stack = await startStack({
    data: env.OTPOST_DATA || '.otpost',
    port: portFrom('OTPOST_PORT', 8080),
    mailPort: portFrom('OTPOST_MAIL_PORT', 8025),
    smtpPort: portFrom('OTPOST_SMTP_PORT', 2525),
    dynamodb: env.OTPOST_DYNAMODB,
    seed: env.OTPOST_SEED !== 'none',
    log: consoleLog(env.OTPOST_LOG === '1'),
    signal: starting.signal,
  })
  if (stopping) await stack.stop()
  else welcome(stack)
} catch (error) {
  if (!stopping) fail(error)
}

function portFrom(name: string, fallback: number): number {
  const text = env[name] || String(fallback)
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  console.error(`${name} must be a port number between 0 and 65535.`)
  process.exit(1)
}

/** What the user can mend is one sentence; anything else is ours and keeps its stack. */
function fail(error: unknown): never {
  const mendable = error instanceof PortInUseError || error instanceof DataInUseError
  console.error(mendable ? error.message : error)
  process.exit(1)
}

function welcome({ api, mail, smtp }: LocalStack): void {
  console.log(`otpost ready api=${api} mail=${mail} smtp=${smtp.host}:${smtp.port}`)
  if (env.OTPOST_SEED === 'none') sayItIsEmpty()
  else sayFirstLogin(api, mail)
}

function sayItIsEmpty(): void {
  console.log(`
OTPOST_SEED=none: the demo's users were not made. To make an administrator, a user and a token:

  npx otpost admin add ann
  npx otpost user add carol --email carol@example.org
  npx otpost token enrol carol --ask-pin
`)
}

function sayFirstLogin(api: string, mail: string): void {
  console.log(`
Try a first login:

  curl -d user=alice -d pass=1234 ${api}/validate/check

The code is in the mail: ${mail}
Answer with it and the transaction_id of the reply:

  curl -d user=alice -d transaction_id=<id> -d pass=<code> ${api}/validate/check
`)
}
