/** Chooses adapters for each entry: the only reader of the environment. */
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { SQSClient } from '@aws-sdk/client-sqs'
import { SSMClient } from '@aws-sdk/client-ssm'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { bounceMetrics } from './adapters/bounce-metrics.ts'
import { cachedTemplates } from './adapters/cached-templates.ts'
import { chosenMailer, providerMailer, storedSecrets } from './adapters/chosen-mailer.ts'
import { isDisposableDomain } from './adapters/disposable-domains.ts'
import { dnsDomains, type DnsOptions } from './adapters/dns-domains.ts'
import { dynamoAccounts } from './adapters/dynamo-accounts.ts'
import { dynamoAdmins, dynamoAdminSessions } from './adapters/dynamo-admins.ts'
import { dynamoChallenges } from './adapters/dynamo-challenges.ts'
import { dynamoAccountScan, dynamoDeliveries } from './adapters/dynamo-operator.ts'
import { dynamoProviderTries } from './adapters/dynamo-provider-tries.ts'
import { dynamoRecords } from './adapters/dynamo-records.ts'
import { dynamoSettings, dynamoSnapshots } from './adapters/dynamo-settings.ts'
import { dynamoTestCounter } from './adapters/dynamo-test-counter.ts'
import { dynamoTemplates } from './adapters/dynamo-templates.ts'
import { jsonService, type JsonServiceOptions } from './adapters/json-call.ts'
import { jsonLog } from './adapters/json-log.ts'
import { createKeyring, kmsKeyring } from './adapters/kms-keyring.ts'
import { lambdaTestMail } from './adapters/lambda-test-mail.ts'
import { sesAccount } from './adapters/ses-account.ts'
import { secretReader } from './adapters/secret-reader.ts'
import { recordsAudit } from './adapters/records-audit.ts'
import { invokeResolve, remoteUsers } from './adapters/remote-user-source.ts'
import { settingsReport } from './adapters/settings-report.ts'
import { sqsBacklog } from './adapters/sqs-backlog.ts'
import { sqsOutbox } from './adapters/sqs-outbox.ts'
import { sqsRetry } from './adapters/sqs-retry.ts'
import { ssmParameters } from './adapters/ssm-parameters.ts'
import { readSecret } from './adapters/ssm-secret.ts'
import { userSource } from './adapters/user-sources.ts'
import { circuitBreaker, type CircuitBreaker } from './core/circuit-breaker.ts'
import { rememberDomains } from './core/address/domains.ts'
import type { DeliverPorts } from './core/deliver-otp.ts'
import type { DeliveryEventPorts } from './core/delivery-event.ts'
import { providerGuard } from './core/managed-provider.ts'
import type { OperatorPorts } from './core/operator/ports.ts'
import type { Ports } from './core/ports.ts'
import { providerBreakers } from './core/provider-breakers.ts'
import { publishSettings } from './core/publish-settings.ts'
import type { SecretVersion } from './core/secret-version.ts'
import type { PublishPorts } from './core/publish-settings.ts'
import type { RecordPorts } from './core/records/record-events.ts'
import type { ResolvePorts } from './core/resolve-user.ts'
import type { Settings } from './core/settings.ts'
import type { TestMailPorts } from './core/test-mail.ts'
import { ENV } from './env.ts'
import { signerSource, type SignerSource } from './http/privacyidea/signature.ts'
import type { ValidatePorts } from './http/privacyidea/validate-routes.ts'
import type { SelfPorts } from './http/v1/self/ports.ts'
import { otpMail } from './mail/otp-mail.ts'
import { testMail } from './mail/test-mail.ts'

/** A required environment variable. Throws at start-up, where a deployment error belongs. */
export function env(name: keyof typeof ENV): string {
  const value = process.env[ENV[name]]
  if (!value) throw new Error(`The environment variable ${ENV[name]} is not set.`)
  return value
}

/**
 * One DynamoDB client per function. Time-outs are short and tries few because a person waits: the
 * worst case stays below API Gateway's 30 s.
 */
export function dynamo(): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
  })
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } })
}

/** For a call while a person waits. */
const hasty = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
} as const
/** For a call nobody waits for. */
const patient = {
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
} as const

const prefix = () => `/otpost/${env('stage')}`
const write = (line: string) => process.stdout.write(`${line}\n`)

/** What every function that touches accounts shares. */
function composeCommon(cacheMs?: number, consistent?: boolean) {
  const stored = composeStored(cacheMs, consistent)
  return {
    ...stored,
    accounts: dynamoAccounts(stored.client, env('tokensTable')),
    challenges: dynamoChallenges(stored.client, env('challengesTable')),
    remoteUsers: composeRemoteUsers(),
  }
}

/** The way to `resolve`. */
function composeResolver() {
  const { AWS_REGION, AWS_ENDPOINT_URL } = process.env
  return invokeResolve({
    name: env('resolveFunction'),
    region: AWS_REGION ?? '',
    endpoint: AWS_ENDPOINT_URL,
    credentials: roleCredentials,
  })
}

const composeRemoteUsers = () => remoteUsers(composeResolver(), Date.now)

/** What every function that follows the settings and opens keys shares. */
function composeStored(cacheMs = Number(env('settingsCacheMs')), consistent = false) {
  const client = dynamo()
  const table = env('tokensTable')
  const kms = composeKms()
  const source = dynamoSettings({ client, table, cacheMs, clock: Date.now, consistent })
  let level: Settings['log.level'] = 'info'
  return {
    client,
    kms,
    keyring: kmsKeyring({ kms, dynamo: client, table, keyArn: env('keyArn') }),
    settings: {
      async current() {
        const settings = await source.current()
        level = settings['log.level']
        return settings
      },
    },
    now: Date.now,
    log: jsonLog({ now: Date.now, level: () => level, write }),
  }
}

const random = randomBytes
const sleep = (ms: number) => setTimeout(ms)

/** The way to `deliver`. */
const composeOutbox = () => sqsOutbox(composeSqs(), env('deliverQueueUrl'))

const composeSqs = () => composeJson({ service: 'sqs', prefix: 'AmazonSQS', version: '1.0' })

const composeKms = () => composeJson({ service: 'kms', prefix: 'TrentService', version: '1.1' })

/** Signs answers by the key in Parameter Store, which is read when the first one is to be signed. */
const composeSigner = (): SignerSource => signerSource(storedSecret('signing.key'))

/** Reads one secret of Parameter Store by its version. */
function storedSecret(name: string) {
  const ssm = composeJson({ service: 'ssm', prefix: 'AmazonSSM', version: '1.1' })
  return (version: SecretVersion) => readSecret(ssm, `${prefix()}/${name}`, version)
}

/** A service of which one operation is used. */
function composeJson(service: Pick<JsonServiceOptions, 'service' | 'prefix' | 'version'>) {
  const { AWS_REGION, AWS_ENDPOINT_URL } = process.env
  return jsonService({
    ...service,
    region: AWS_REGION ?? '',
    endpoint: AWS_ENDPOINT_URL,
    credentials: roleCredentials,
  })
}

/** Those that Lambda gives a function; they are renewed while it lives. */
function roleCredentials() {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  return {
    accessKeyId: AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
    sessionToken: AWS_SESSION_TOKEN,
  }
}

export function composeValidate(): ValidatePorts & { signer: SignerSource } {
  const { client, kms: _kms, ...common } = composeCommon()
  const admins = dynamoAdminSessions(client, env('tokensTable'))
  const outbox = composeOutbox()
  const addresses = composeAddresses(AT_LOGIN)
  return { ...common, ...addresses, admins, outbox, random, sleep, signer: composeSigner() }
}

export function composeSelfService(): SelfPorts {
  const { client, kms: _kms, ...common } = composeCommon()
  return {
    ...common,
    outbox: composeOutbox(),
    records: dynamoRecords(client, env('recordsTable')),
    ...composeAddresses(),
    random,
    sleep,
  }
}

/** Judges the addresses that people register: DNS, and the list of throw-away services. */
function composeAddresses(patience?: Pick<DnsOptions, 'timeoutMs' | 'deadlineMs'>) {
  const servers = process.env[ENV.dnsServers]?.split(',')
  return {
    domains: rememberDomains(dnsDomains({ ...patience, servers }), Date.now),
    isDisposable: isDisposableDomain,
  }
}

/** Some plugins give a login up after two seconds. */
const AT_LOGIN = { timeoutMs: 500, deadlineMs: 1500 }

/** A test mail takes as long as a mail server may, and must not be sent twice. */
const invoking = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 28_000, throwOnRequestTimeout: true },
} as const

/** Who has just changed a setting is answered by it: administration keeps no settings. */
export function composeAdmin() {
  const { kms: _kms, client, ...common } = composeCommon(0, true)
  const table = env('tokensTable')
  const parameters = ssmParameters({ client: new SSMClient(hasty), prefix: prefix() })
  const records = dynamoRecords(client, env('recordsTable'))
  const snapshots = dynamoSnapshots(client, table)
  const publishing: PublishPorts = {
    parameters,
    snapshots,
    clock: Date.now,
    report: settingsReport({ stage: env('stage'), clock: Date.now, write }),
  }
  return {
    ...common,
    outbox: composeOutbox(),
    ...composeAddresses(),
    random,
    sleep,
    signer: composeSigner(),
    admins: dynamoAdmins(client, table),
    parameters,
    snapshots,
    publish: () => publishSettings(publishing),
    providerGuard: composeGuard(client, common),
    records,
    audit: recordsAudit({ ...common, records }),
    sendTestMail: lambdaTestMail(new LambdaClient(invoking), env('deliverFunction')),
    templates: dynamoTemplates(client, table),
  }
}

/** Counts wrong passwords of managed providers beside the administrators. */
const composeGuard = (
  client: DynamoDBDocumentClient,
  { keyring, now }: Pick<Ports, 'keyring' | 'now'>,
) =>
  providerGuard({
    ...{ keyring, now, random },
    providerTries: dynamoProviderTries(client, env('tokensTable')),
  })

/** Who has just changed a setting expects the next command to follow it. */
const OPERATOR_CACHE_MS = 500

export function composeOperator(): OperatorPorts {
  const { client, kms, ...common } = composeCommon(OPERATOR_CACHE_MS)
  const table = env('tokensTable')
  const sqs = new SQSClient({ ...patient, useQueueUrlAsEndpoint: false })
  const queues = { deliver: env('deliverQueueUrl'), dead: process.env[ENV.deadLetterQueueUrl] }
  let keyringMade = false
  return {
    ...common,
    outbox: composeOutbox(),
    ...composeAddresses(),
    random,
    sleep,
    stage: env('stage'),
    admins: dynamoAdmins(client, table),
    snapshots: dynamoSnapshots(client, table),
    accountScan: dynamoAccountScan(client, table),
    async ensureKeyring() {
      if (keyringMade) return
      await createKeyring({ kms, dynamo: client, table, keyArn: env('keyArn') })
      keyringMade = true
    },
    mailAccount: sesAccount(new SESv2Client(patient)),
    backlog: sqsBacklog(sqs, queues),
    deliveries: dynamoDeliveries(client, env('challengesTable')),
    sendTestMail: lambdaTestMail(new LambdaClient(invoking), env('deliverFunction')),
    providerGuard: composeGuard(client, common),
    templates: dynamoTemplates(client, table),
    records: dynamoRecords(client, env('recordsTable')),
  }
}

/**
 * A mail is tried once at a time: the queue and the other providers retry, within a budget that the
 * mailer keeps.
 */
const mailing = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 25_000, throwOnRequestTimeout: true },
} as const

export function composeDeliver() {
  const { client, kms: _kms, ...common } = composeCommon()
  const templates = cachedTemplates(dynamoTemplates(client, env('tokensTable')), {
    maxAgeMs: Number(env('settingsCacheMs')),
    clock: Date.now,
  })
  const secret = secretReader({
    read: (name, version) => storedSecret(name)(version),
    clock: Date.now,
    maxAgeMs: 300_000,
  })
  const configurationSet = process.env[ENV.configurationSet]
  const sealKey = () => common.keyring.key('report')
  const ses = { ses: new SESv2Client(mailing), configurationSet, sealKey }
  const ports: DeliverPorts & TestMailPorts = {
    ...common,
    mailer: chosenMailer({ ...ses, secret }),
    breakers: providerBreakers(common),
    compose: otpMail({ templates, log: common.log }),
    providerMailer: providerMailer(ses),
    storedSecrets: storedSecrets(secret),
    countTest: dynamoTestCounter(client, env('challengesTable')),
    composeTest: testMail,
  }
  return { ports, retryLater: sqsRetry(composeSqs(), env('deliverQueueUrl'), common.log) }
}

/** Reports are few and nobody waits for them; they open no other key and read no setting. */
export function composeDeliveryEvents() {
  const client = dynamo()
  const table = env('tokensTable')
  const ports: DeliveryEventPorts = {
    accounts: dynamoAccounts(client, table),
    keyring: kmsKeyring({ kms: composeKms(), dynamo: client, table, keyArn: env('keyArn') }),
    challenges: dynamoChallenges(client, env('challengesTable')),
    now: Date.now,
    random,
    sleep,
    // the delivery log is made of these lines, so no setting silences them
    log: jsonLog({ now: Date.now, level: () => 'info', write }),
  }
  return { ports, count: bounceMetrics({ stage: env('stage'), clock: Date.now, write }) }
}

/** Keeps the audit and the delivery log; nobody waits for it. */
export function composeRecord(): RecordPorts & Pick<Ports, 'log'> {
  const { client, keyring, settings, now, log } = composeStored()
  const records = dynamoRecords(client, env('recordsTable'))
  return { records, keyring, settings, now, random, sleep, log }
}

/** Directories outside of Otpost. Reads settings and the secrets of resolvers, and no account. */
export function composeResolve(): ResolvePorts {
  const source = dynamoSettings({
    client: dynamo(),
    table: env('tokensTable'),
    cacheMs: Number(env('settingsCacheMs')),
    clock: Date.now,
  })
  const log = jsonLog({ now: Date.now, level: () => 'info', write })
  const breakers = new Map<string, CircuitBreaker>()
  return {
    settings: source,
    source: userSource,
    secret: secretReader({
      read: (name, version) => storedSecret(name)(version),
      clock: Date.now,
      maxAgeMs: 300_000,
    }),
    breaker(resolver) {
      const breaker = breakers.get(resolver) ?? circuitBreaker({ clock: Date.now })
      breakers.set(resolver, breaker)
      return breaker
    },
    log,
  }
}

/** Nobody waits for `configure`, so Parameter Store's throttling is worth more tries. */
export function composeConfigure() {
  const ports: PublishPorts = {
    parameters: ssmParameters({ client: new SSMClient(patient), prefix: prefix() }),
    snapshots: dynamoSnapshots(dynamo(), env('tokensTable')),
    clock: Date.now,
    report: settingsReport({ stage: env('stage'), clock: Date.now, write }),
  }
  return () => publishSettings(ports)
}
