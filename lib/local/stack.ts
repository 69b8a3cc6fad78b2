/** The whole service on one machine: the synthesized templates, wired to embedded parts. */
import { ENV } from '../../functions/env.ts'
import { readAssembly } from './assembly.ts'
import { Cleanups } from './cleanups.ts'
import type { CognitoPools } from './cognito.ts'
import { openDataDirectory } from './data-directory.ts'
import { PREFIX, REGION, startEmbedded } from './embedded.ts'
import type { Embedded } from './embedded.ts'
import type { Faults } from './faults.ts'
import { assertFree } from './loopback.ts'
import type { Message } from './mailbox.ts'
import { startMailPage } from './mail-page.ts'
import { consoleLog } from './output.ts'
import type { LogLine } from './output.ts'
import type { Queue } from './queue.ts'
import { seedOnce } from './seed.ts'
import { startService } from './service.ts'
import { settings, startingPatch } from './settings.ts'
import type { Settings } from './settings.ts'
import { readState, writeState } from './state.ts'
import { STAGE, synthesize } from './synth.ts'

export type LocalStackOptions = {
  /** Directory that keeps everything between runs, or `memory`. */
  data: string
  /** Ports; 0 picks a free one. @default 0 */
  port?: number
  mailPort?: number
  smtpPort?: number
  /** Parameters below `/otpost/local/` to start with, over the laptop's own. */
  parameters?: Record<string, string>
  /** A cdk.out directory. @default the app is synthesized, once per state of its sources */
  synthesized?: string
  /** Endpoint of another DynamoDB engine. @default the embedded one */
  dynamodb?: string
  /** User pools of Cognito, kept in memory. @default none */
  cognito?: CognitoPools
  /** Fills a fresh stack with the demo's users. @default false */
  seed?: boolean
  /** Environment variables of every function, over those of the template. */
  environment?: Record<string, string>
  /** Takes every line the functions print. @default errors go to stderr */
  log?: LogLine
  /** Gives up a start that is under way. */
  signal?: AbortSignal
}

export type LocalStack = {
  /** URL of the service. */
  api: string
  /** URL of the mail page. */
  mail: string
  smtp: { host: string; port: number }
  /** What AWS_ENDPOINT_URL must be for clients of the stand-ins. */
  endpoint: string
  /** Plants faults at the endpoint. */
  faults: Faults
  /** By name. */
  queues: Map<string, Queue>
  parameters: Settings
  /** Invokes a function by name with an event; rejects with FunctionError. */
  invoke(functionName: string, event: unknown): Promise<unknown>
  /** Newest first. */
  messages(): Message[]
  clearMessages(): void
  /** The newest mail that fits, or the first to come. Rejects when time is up. */
  waitForMail(fits: (message: Message) => boolean, timeoutMs?: number): Promise<Message>
  /** Tables, functions and addresses, for the operator's command line. */
  describe(): StackDescription
  stop(): Promise<void>
}

export type StackDescription = {
  stage: string
  region: string
  endpoint: string
  api: string
  mail: string
  smtp: string
  functions: string[]
  tables: Record<'tokens' | 'challenges' | 'records', string | undefined>
}

/** Starts everything; ready for logins when it resolves. On failure nothing is left running. */
export async function startStack(options: LocalStackOptions): Promise<LocalStack> {
  const cleanups = new Cleanups()
  try {
    return await start(options, cleanups)
  } catch (error) {
    await cleanups.run()
    throw error
  }
}

async function start(options: LocalStackOptions, cleanups: Cleanups): Promise<LocalStack> {
  const { port = 0, mailPort = 0, smtpPort = 0, environment, log = consoleLog(false) } = options
  const data = await openDataDirectory(options.data)
  cleanups.add(() => data.release())
  await assertFree(port, 'OTPOST_PORT')
  await assertFree(mailPort, 'OTPOST_MAIL_PORT')
  await assertFree(smtpPort, 'OTPOST_SMTP_PORT')

  const assembly = readAssembly(options.synthesized ?? (await synthesize(options.signal)))
  const { dynamodb, cognito } = options
  const parts = await startEmbedded({ data, smtpPort, dynamodb, cognito }, cleanups)
  const { mailbox, smtp, invoke } = parts
  const { gateway, events, warmed } = await startService(
    parts,
    assembly,
    { port, environment, log },
    cleanups,
  )

  const live = settings(parts.parameters, events, PREFIX)
  const statePath = data.path('state.json')
  const state = readState(statePath)
  const patch = startingPatch(live.values(), smtp.port, state.smtpPort)
  await live.set({ ...patch, ...options.parameters })
  writeState(statePath, { ...state, smtpPort: smtp.port })
  if (options.seed) await seedOnce(invoke, statePath)
  await warmed

  const describe = (): StackDescription => ({
    stage: STAGE,
    region: REGION,
    endpoint: parts.endpoint.url,
    api: gateway.url,
    mail: page.url,
    smtp: `${smtp.host}:${smtp.port}`,
    functions: [...parts.functions.keys()],
    tables: {
      tokens: variable(parts, ENV.tokensTable),
      challenges: variable(parts, ENV.challengesTable),
      records: variable(parts, ENV.recordsTable),
    },
  })
  const page = await startMailPage({ port: mailPort, mailbox, settings: live, describe })
  cleanups.add(() => page.stop())

  return {
    api: gateway.url,
    mail: page.url,
    smtp: { host: smtp.host, port: smtp.port },
    endpoint: parts.endpoint.url,
    faults: parts.faults,
    queues: parts.queues,
    parameters: live,
    invoke,
    messages: () => mailbox.messages,
    clearMessages: () => mailbox.clear(),
    waitForMail: (fits, timeoutMs = 5000) => mailbox.waitFor(fits, timeoutMs),
    describe,
    stop: () => cleanups.run(),
  }
}

/** The first function's value of an environment variable: constructs set the same for all. */
function variable({ functions }: Embedded, name: string): string | undefined {
  const hosts = [...functions.values()]
  return hosts.map(({ spec }) => spec.environment[name]).find((value) => value !== undefined)
}
