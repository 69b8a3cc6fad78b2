/** Builds the embedded parts from the resources of the templates. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Assembly } from './assembly.ts'
import { AwsError } from './aws-error.ts'
import { UnresolvedError } from './cfn.ts'
import type { Found, Templates } from './cfn.ts'
import type { Dynamo } from './dynamo.ts'
import { startEventSource } from './event-source.ts'
import type { EventSource } from './event-source.ts'
import { parsePattern, parseRate } from './events.ts'
import type { Rule } from './events.ts'
import { FunctionHost } from './function-host.ts'
import type { FunctionSpec } from './function-host.ts'
import type { Invoke } from './gateway.ts'
import type { MasterKeys } from './kms.ts'
import { parseFilterPattern } from './logs.ts'
import type { Subscription } from './logs.ts'
import type { LogLine } from './output.ts'
import { Queue } from './queue.ts'
import type { QueueJournal } from './queue-journal.ts'
import type { Route } from './routes.ts'

/** Invokes a function by name or ARN. */
export type InvokeFunction = (name: string, event: unknown) => Promise<unknown>

/** Creates the tables that are not there yet. */
export async function createTables(templates: Templates, dynamo: Dynamo): Promise<void> {
  for (const table of templates.ofType('AWS::DynamoDB::Table')) {
    const TableName = table.identity.ref
    await unless('ResourceInUseException', () =>
      dynamo.call('CreateTable', {
        TableName,
        AttributeDefinitions: table.get('AttributeDefinitions'),
        KeySchema: table.get('KeySchema'),
        GlobalSecondaryIndexes: table.get('GlobalSecondaryIndexes'),
        BillingMode: 'PAY_PER_REQUEST',
      }),
    )
    const TimeToLiveSpecification = table.get('TimeToLiveSpecification')
    if (!TimeToLiveSpecification) continue
    await unless('ValidationException', () =>
      dynamo.call('UpdateTimeToLive', { TableName, TimeToLiveSpecification }),
    )
  }
}

/** Another engine may still have the tables of an earlier run. */
async function unless(code: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== code) throw error
  }
}

/** Adds the KMS keys. */
export function createKeys(templates: Templates, keys: MasterKeys): void {
  for (const { identity } of templates.ofType('AWS::KMS::Key')) {
    keys.add(identity.ref, identity.attributes.Arn!)
  }
}

/** The queues, with what the journal kept of them. */
export function createQueues(templates: Templates, journal: QueueJournal): Queue[] {
  const changed = () => void journal.saved().catch((error: unknown) => console.error(error))
  const queues: Queue[] = templates.ofType('AWS::SQS::Queue').map((found) => {
    const redrive = found.get('RedrivePolicy')
    const name = found.identity.attributes.QueueName!
    return new Queue({
      name,
      arn: found.identity.attributes.Arn!,
      visibilityTimeout: found.get('VisibilityTimeout') ?? 30,
      messages: journal.contentOf(name),
      changed,
      ...(redrive && {
        deadLetters: {
          maxReceiveCount: redrive.maxReceiveCount,
          queue: () => queues.find(({ arn }) => arn === redrive.deadLetterTargetArn),
        },
      }),
    })
  })
  journal.watch(queues)
  return queues
}

/** Environment variables: Lambda's own, and what wins over the template's. */
export type FunctionEnvironment = {
  lambda: Record<string, string>
  overrides: Record<string, string> | undefined
}

/** The functions by name. */
export function createFunctions(
  templates: Templates,
  assembly: Assembly,
  environment: FunctionEnvironment,
  log: LogLine,
): Map<string, FunctionHost> {
  const hosts = templates.ofType('AWS::Lambda::Function').map((found) => {
    const spec = functionSpec(found, assembly, environment)
    const output = (line: string) => log(line, spec.name)
    return [spec.name, new FunctionHost(spec, { output })] as const
  })
  return new Map(hosts)
}

/** Names of the functions' log groups, by function. */
export function logGroupsOf(templates: Templates): Map<string, string> {
  const functions = templates.ofType('AWS::Lambda::Function')
  return new Map(
    functions.map((found) => {
      const name = found.identity.ref
      return [name, found.get('LoggingConfig')?.LogGroup ?? `/aws/lambda/${name}`]
    }),
  )
}

/** Who is told of what the functions print. */
export function subscriptionsOf(templates: Templates, invoke: InvokeFunction): Subscription[] {
  return templates.ofType('AWS::Logs::SubscriptionFilter').map((found) => ({
    group: found.get('LogGroupName'),
    name: found.id,
    fits: parseFilterPattern(found.get('FilterPattern'), `${found.id}.FilterPattern`),
    invoke: (event) => invoke(found.get('DestinationArn'), event),
  }))
}

function functionSpec(
  found: Found,
  assembly: Assembly,
  environment: FunctionEnvironment,
): FunctionSpec {
  const where = `${found.stack}/${found.id}`
  const name = found.identity.ref
  const [module = '', handler = ''] = String(found.get('Handler')).split('.')
  const { S3Key: s3Key } = found.get('Code') as { S3Key?: string }
  if (!s3Key) throw new UnresolvedError(where, 'only functions with an asset run locally')
  const file = join(assembly.assetDirectory(s3Key), `${module}.js`)
  if (!existsSync(file)) throw new UnresolvedError(where, `there is no bundle ${file}`)
  return {
    name,
    arn: found.identity.attributes.Arn!,
    file,
    handler,
    timeoutSeconds: found.get('Timeout') ?? 3,
    memory: found.get('MemorySize') ?? 128,
    environment: {
      ...environment.lambda,
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      ...found.get('Environment')?.Variables,
      ...environment.overrides,
    },
  }
}

/** The routes of the HTTP API, each with its function's name. */
export function routesOf(templates: Templates): { key: string; functionName: string }[] {
  const integrations = templates.ofType('AWS::ApiGatewayV2::Integration')
  const stages = templates.ofType('AWS::ApiGatewayV2::Stage')
  const named = stages.find((stage) => stage.get('StageName') !== '$default')
  if (named) throw new UnresolvedError(named.id, 'only the stage $default is offered locally')
  return templates.ofType('AWS::ApiGatewayV2::Route').map((route) => {
    const target = String(route.get('Target')).split('/').at(-1)
    const integration = integrations.find(({ identity }) => identity.ref === target)
    if (!integration) throw new UnresolvedError(route.id, `there is no integration ${target}`)
    return { key: route.get('RouteKey'), functionName: nameIn(integration.get('IntegrationUri')) }
  })
}

/** {@link routesOf}, ready for the gateway. */
export function gatewayRoutes(templates: Templates, invoke: InvokeFunction): Route<Invoke>[] {
  return routesOf(templates).map(({ key, functionName }) => ({
    key,
    target: (event) => invoke(functionName, event),
  }))
}

/** The EventBridge rules that are enabled. */
export function rulesOf(templates: Templates, invoke: InvokeFunction): Rule[] {
  return templates
    .ofType('AWS::Events::Rule')
    .filter((rule) => rule.get('State') !== 'DISABLED')
    .map((rule) => {
      const pattern = rule.get('EventPattern')
      const schedule = rule.get('ScheduleExpression')
      const targets: { Arn: string; Input?: string }[] = rule.get('Targets') ?? []
      return {
        ...(pattern && { pattern: parsePattern(pattern, `${rule.id}.EventPattern`) }),
        ...(schedule && { everyMs: parseRate(schedule) }),
        targets: targets
          .filter(({ Arn }) => Arn.includes(':lambda:'))
          .map(({ Arn, Input }) => ({
            invoke: (event: unknown) => invoke(Arn, Input ? JSON.parse(Input) : event),
          })),
      }
    })
}

/** Starts carrying messages from queues to functions. */
export function startEventSources(
  templates: Templates,
  queues: Queue[],
  region: string,
  invoke: InvokeFunction,
): EventSource[] {
  return templates
    .ofType('AWS::Lambda::EventSourceMapping')
    .filter((mapping) => mapping.get('Enabled') !== false)
    .map((mapping) => {
      const arn = mapping.get('EventSourceArn')
      const queue = queues.find((one) => one.arn === arn)
      if (!queue) throw new UnresolvedError(mapping.id, `there is no queue ${arn}`)
      return startEventSource({
        queue,
        region,
        batchSize: mapping.get('BatchSize') ?? 10,
        concurrency: mapping.get('ScalingConfig')?.MaximumConcurrency ?? 2,
        reportsFailures:
          mapping.get('FunctionResponseTypes')?.includes('ReportBatchItemFailures') ?? false,
        invoke: (event) => invoke(mapping.get('FunctionName'), event),
      })
    })
}

/** A function's name, alone or within an ARN or an integration's URI. */
export function nameIn(text: string): string {
  return /:function:([\w-]+)/.exec(text)?.[1] ?? text
}
