/** The embedded parts behind the AWS endpoint, before any template has filled them. */
import { startAwsEndpoint } from './aws-endpoint.ts'
import type { AwsEndpoint } from './aws-endpoint.ts'
import { ACCOUNT } from './cfn.ts'
import type { Cleanups } from './cleanups.ts'
import { type CognitoPools, cognitoService } from './cognito.ts'
import type { DataDirectory } from './data-directory.ts'
import { EmbeddedDynamo } from './dynamo.ts'
import type { Dynamo } from './dynamo.ts'
import { remoteDynamo } from './dynamo-remote.ts'
import { Faults } from './faults.ts'
import type { FunctionHost } from './function-host.ts'
import { kmsService, MasterKeys } from './kms.ts'
import { lambdaService } from './lambda.ts'
import { Mailbox } from './mailbox.ts'
import { Parameters } from './parameters.ts'
import type { Queue } from './queue.ts'
import { QueueJournal } from './queue-journal.ts'
import { sesService } from './ses.ts'
import { TakenMails } from './ses-events.ts'
import { startSmtpSink } from './smtp-sink.ts'
import type { SmtpSink } from './smtp-sink.ts'
import { sqsService } from './sqs.ts'
import { ssmService } from './ssm.ts'
import { STAGE } from './synth.ts'
import { nameIn } from './wiring.ts'

export const REGION = 'us-east-1'
/** Where the stage's parameters live in SSM. */
export const PREFIX = `/otpost/${STAGE}/`

export type Embedded = {
  mailbox: Mailbox
  smtp: SmtpSink
  dynamo: Dynamo
  keys: MasterKeys
  journal: QueueJournal
  parameters: Parameters
  faults: Faults
  /** What SES took. */
  takenMails: TakenMails
  endpoint: AwsEndpoint
  /** By name; empty until the templates are wired. */
  queues: Map<string, Queue>
  functions: Map<string, FunctionHost>
  /** Invokes a function by name or ARN. Rejects with FunctionError. */
  invoke(name: string, event: unknown): Promise<unknown>
}

export type EmbeddedOptions = {
  data: DataDirectory
  smtpPort: number
  /** Endpoint of another DynamoDB engine. @default the embedded one */
  dynamodb: string | undefined
  /** User pools. @default none */
  cognito?: CognitoPools | undefined
}

/** Starts the parts; what has to be stopped is added to the cleanups. */
export async function startEmbedded(
  { data, smtpPort, dynamodb, cognito }: EmbeddedOptions,
  cleanups: Cleanups,
): Promise<Embedded> {
  const mailbox = new Mailbox(data.path('mail'))
  const smtp = await startSmtpSink(mailbox, smtpPort)
  cleanups.add(() => smtp.stop())

  const dynamo = dynamodb
    ? remoteDynamo(dynamodb)
    : await EmbeddedDynamo.open({ path: data.path('dynamodb') })
  cleanups.add(() => dynamo.close())

  const keys = new MasterKeys(data.path('keys.json'))
  const journal = new QueueJournal(data.path('queues.json'))
  cleanups.add(() => journal.saved())
  const parameters = new Parameters(data.path('parameters.json'))
  cleanups.add(() => parameters.close())

  const queues = new Map<string, Queue>()
  const functions = new Map<string, FunctionHost>()
  const find = (name: string) => functions.get(nameIn(name))
  const faults = new Faults()
  const takenMails = new TakenMails()
  const endpoint: AwsEndpoint = await startAwsEndpoint(
    {
      dynamodb: dynamo,
      sqs: sqsService({
        queues: () => queues.values(),
        urlOf: ({ name }) => `${endpoint.url}/${ACCOUNT}/${name}`,
        saved: () => journal.saved(),
      }),
      ssm: ssmService(parameters, PREFIX, `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter`),
      kms: kmsService(keys),
      cognito: cognitoService(cognito ?? { pools: new Map(), clients: new Map() }),
      ses: sesService(mailbox, takenMails),
      lambda: lambdaService(find),
    },
    faults,
  )
  cleanups.add(() => endpoint.stop())

  return {
    mailbox,
    smtp,
    dynamo,
    keys,
    journal,
    parameters,
    faults,
    takenMails,
    endpoint,
    queues,
    functions,
    async invoke(name, event) {
      const host = find(name)
      if (!host) throw new Error(`The template has no function ${name}.`)
      return host.invoke(event)
    },
  }
}
