/** Brings the templates to life on the embedded parts. */
import type { Assembly } from './assembly.ts'
import { Templates } from './cfn.ts'
import type { Cleanups } from './cleanups.ts'
import { PREFIX, REGION } from './embedded.ts'
import type { Embedded } from './embedded.ts'
import { Events, parameterEvent } from './events.ts'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { identifier } from './identity.ts'
import { LogSubscriptions } from './logs.ts'
import type { LogLine } from './output.ts'
import { router } from './routes.ts'
import { reportedTypes, reportsOf } from './ses-events.ts'
import {
  createFunctions,
  createKeys,
  createQueues,
  createTables,
  gatewayRoutes,
  logGroupsOf,
  nameIn,
  routesOf,
  rulesOf,
  startEventSources,
  subscriptionsOf,
} from './wiring.ts'

export type Service = {
  gateway: Gateway
  events: Events
  /** Resolves when the functions of a login have loaded their bundle; others do at first use. */
  warmed: Promise<unknown>
}

export type ServiceOptions = {
  port: number
  /** Environment variables of every function, over those of the template. */
  environment?: Record<string, string> | undefined
  log: LogLine
}

/** Starts the API on a port; what has to be stopped is added to the cleanups. */
export async function startService(
  parts: Embedded,
  assembly: Assembly,
  { port, environment: overrides, log }: ServiceOptions,
  cleanups: Cleanups,
): Promise<Service> {
  const { functions, queues, invoke } = parts
  const identify = identifier(REGION, parts.endpoint.url, () => gateway.url)
  const templates = new Templates(assembly.templates, REGION, identify)

  createKeys(templates, parts.keys)
  await createTables(templates, parts.dynamo)
  for (const queue of createQueues(templates, parts.journal)) queues.set(queue.name, queue)

  const gateway: Gateway = await startGateway(gatewayRoutes(templates, invoke), port)
  cleanups.add(() => gateway.stop())

  const environment = { lambda: functionEnvironment(parts.endpoint.url), overrides }
  const logGroups = logGroupsOf(templates)
  const logs = new LogSubscriptions(subscriptionsOf(templates, invoke))
  const print: LogLine = (line, name) => {
    logs.add(logGroups.get(name)!, line)
    log(line, name)
  }
  for (const [name, host] of createFunctions(templates, assembly, environment, print)) {
    functions.set(name, host)
    cleanups.add(() => host.stop())
  }
  cleanups.add(() => logs.stop())
  const warmed = Promise.all(awaited(templates).map((name) => functions.get(name)?.warm()))

  const events = new Events(rulesOf(templates, invoke), REGION)
  cleanups.add(() => events.stop())
  parts.parameters.follow((changes) => {
    void events.publish(changes.map((change) => parameterEvent(PREFIX, change)))
  })
  reportMails(templates, parts, events)
  const sources = startEventSources(templates, [...queues.values()], REGION, invoke)
  cleanups.add(() => sources.forEach((source) => source.stop()))

  return { gateway, events, warmed }
}

/** Has EventBridge told what becomes of mails, as far as a configuration set says so. */
function reportMails(templates: Templates, { takenMails }: Embedded, events: Events): void {
  const types = reportedTypes(templates)
  takenMails.follow(async (mail) => {
    const told = types.get(mail.configurationSet ?? '')
    for (const { type, event } of reportsOf(mail)) {
      if (told?.has(type)) await events.publish([event])
    }
  })
}

/** Names of the functions a login waits for: the one that answers it, and those behind a queue. */
function awaited(templates: Templates): string[] {
  const routes = routesOf(templates).map(({ key, functionName }) => ({ key, target: functionName }))
  const login = router(routes)('POST', '/validate/check')
  const queued = templates
    .ofType('AWS::Lambda::EventSourceMapping')
    .map((mapping) => nameIn(mapping.get('FunctionName')))
  return [...new Set([...(login ? [login.route.target] : []), ...queued])]
}

/** What Lambda sets for every function, pointing at the local endpoint. */
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
