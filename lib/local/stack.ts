/** The whole service on one machine: the synthesized templates, wired to embedded parts. */
import { ENV } from '../../functions/env.ts'
import { readAssembly } from './assembly.ts'
import { startAwsEndpoint } from './aws-endpoint.ts'
import { ACCOUNT, Templates } from './cfn.ts'
import { Cleanups } from './cleanups.ts'
import { openDataDirectory } from './data-directory.ts'
import { EmbeddedDynamo } from './dynamo.ts'
import { remoteDynamo } from './dynamo-remote.ts'
import { Events, parameterEvent } from './events.ts'
import { Faults } from './faults.ts'
import type { FunctionHost } from './function-host.ts'
import { startGateway } from './gateway.ts'
import { identifier } from './identity.ts'
import { kmsService, MasterKeys } from './kms.ts'
import { lambdaService } from './lambda.ts'
import { assertFree } from './loopback.ts'
import { Mailbox } from './mailbox.ts'
import type { Message } from './mailbox.ts'
import { startMailPage } from './mail-page.ts'
import { consoleLog } from './output.ts'
import type { LogLine } from './output.ts'
import { Parameters } from './parameters.ts'
import type { Queue } from './queue.ts'
import { QueueJournal } from './queue-journal.ts'
import { seedOnce } from './seed.ts'
import { sesService } from './ses.ts'
import { settings, startingPatch } from './settings.ts'
import type { Settings } from './settings.ts'
import { startSmtpSink } from './smtp-sink.ts'
import { sqsService } from './sqs.ts'
import { ssmService } from './ssm.ts'
import { readState, writeState } from './state.ts'
import { STAGE, synthesize } from './synth.ts'
import * as wiring from './wiring.ts'

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
  /** Fills a fresh stack with the demo's users. @default false */
  seed?: boolean
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
  tables: { tokens: string | undefined; challenges: string | undefined }
}

export const REGION = 'us-east-1'
const PREFIX = `/otpost/${STAGE}/`

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
  const { port = 0, mailPort = 0, smtpPort = 0, log = consoleLog(false) } = options
  const data = await openDataDirectory(options.data)
  cleanups.add(() => data.release())
  await assertFree(port, 'OTPOST_PORT')
  await assertFree(mailPort, 'OTPOST_MAIL_PORT')
  await assertFree(smtpPort, 'OTPOST_SMTP_PORT')
  const assembly = readAssembly(options.synthesized ?? (await synthesize(options.signal)))

  const mailbox = new Mailbox(data.path('mail'))
  const smtp = await startSmtpSink(mailbox, smtpPort)
  cleanups.add(() => smtp.stop())

  const dynamo = options.dynamodb
    ? remoteDynamo(options.dynamodb)
    : await EmbeddedDynamo.open({ path: data.path('dynamodb') })
  cleanups.add(() => dynamo.close())

  const keys = new MasterKeys(data.path('keys.json'))
  const journal = new QueueJournal(data.path('queues.json'))
  cleanups.add(() => journal.saved())
  const queues = new Map<string, Queue>()
  const functions = new Map<string, FunctionHost>()
  const parameters = new Parameters(data.path('parameters.json'), (changes) => {
    void events?.publish(changes.map((change) => parameterEvent(PREFIX, change)))
  })
  cleanups.add(() => parameters.close())

  const faults = new Faults()
  const find = (name: string) => functions.get(wiring.nameIn(name))
  const endpoint = await startAwsEndpoint(
    {
      dynamodb: dynamo,
      sqs: sqsService({
        queues: () => queues.values(),
        urlOf: ({ name }) => `${endpoint.url}/${ACCOUNT}/${name}`,
        saved: () => journal.saved(),
      }),
      ssm: ssmService(parameters, PREFIX, `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter`),
      kms: kmsService(keys),
      ses: sesService(mailbox),
      lambda: lambdaService(find),
    },
    faults,
  )
  cleanups.add(() => endpoint.stop())

  const invoke = async (name: string, event: unknown): Promise<unknown> => {
    const host = find(name)
    if (!host) throw new Error(`The template has no function ${name}.`)
    return host.invoke(event)
  }

  const identify = identifier(REGION, endpoint.url, () => gateway.url)
  const templates = new Templates(assembly.templates, REGION, identify)
  const gateway = await startGateway(wiring.gatewayRoutes(templates, invoke), port)
  cleanups.add(() => gateway.stop())

  wiring.createKeys(templates, keys)
  await wiring.createTables(templates, dynamo)
  for (const queue of wiring.createQueues(templates, journal)) queues.set(queue.name, queue)
  const environment = functionEnvironment(endpoint.url)
  const hosts = wiring.createFunctions(templates, assembly, environment, log)
  for (const [name, host] of hosts) functions.set(name, host)
  cleanups.add(() => stopAll(functions))

  const events: Events | undefined = new Events(wiring.rulesOf(templates, invoke), REGION)
  cleanups.add(() => events.stop())
  const sources = wiring.startEventSources(templates, [...queues.values()], REGION, invoke)
  cleanups.add(() => sources.forEach((source) => source.stop()))

  const apiFunctions = new Set(wiring.routesOf(templates).map(({ functionName }) => functionName))
  const warming = Promise.all([...apiFunctions].map((name) => functions.get(name)?.warm()))

  const live = settings(parameters, events, PREFIX)
  const state = readState(data.path('state.json'))
  await live.set({
    ...startingPatch(live.values(), smtp.port, state.smtpPort),
    ...options.parameters,
  })
  writeState(data.path('state.json'), { ...state, smtpPort: smtp.port })
  if (options.seed) await seedOnce(invoke, data.path('state.json'))
  await warming

  const describe = (): StackDescription => ({
    stage: STAGE,
    region: REGION,
    endpoint: endpoint.url,
    api: gateway.url,
    mail: page.url,
    smtp: `${smtp.host}:${smtp.port}`,
    functions: [...functions.keys()],
    tables: {
      tokens: variable(functions, ENV.tokensTable),
      challenges: variable(functions, ENV.challengesTable),
    },
  })
  const page = await startMailPage({ port: mailPort, mailbox, settings: live, describe })
  cleanups.add(() => page.stop())

  return {
    api: gateway.url,
    mail: page.url,
    smtp: { host: smtp.host, port: smtp.port },
    endpoint: endpoint.url,
    faults,
    queues,
    parameters: live,
    invoke,
    messages: () => mailbox.messages,
    clearMessages: () => mailbox.clear(),
    waitForMail: (fits, timeoutMs = 5000) => mailbox.waitFor(fits, timeoutMs),
    describe,
    stop: () => cleanups.run(),
  }
}

function functionEnvironment(endpoint: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

async function stopAll(functions: Map<string, FunctionHost>): Promise<void> {
  await Promise.all([...functions.values()].map((host) => host.stop()))
}

function variable(functions: Map<string, FunctionHost>, name: string): string | undefined {
  for (const { spec } of functions.values()) {
    if (spec.environment[name]) return spec.environment[name]
  }
  return undefined
}
