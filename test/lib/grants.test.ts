import { beforeAll, describe, expect, it } from 'vitest'
import { grantsOf, sorted, type Statement } from './statements.ts'
import { synth, type Synthesized } from './synth.ts'

const KEY = 'AWS::KMS::Key.Arn'
const PARAMETERS = 'arn:<Partition>:ssm:<Region>:<AccountId>:parameter/otpost/dev'
const CONFIGURATION_SET = 'arn:<Partition>:ses:<Region>:<AccountId>:configuration-set/otpost-dev'
const IDENTITIES = 'arn:<Partition>:ses:<Region>:<AccountId>:identity'

const items = (actions: string, keys: string): Statement => ({
  actions: actions.split(' ').map((action) => `dynamodb:${action}`),
  resources: ['otpost-dev-tokens.Arn'],
  conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys.split(' ') } },
})

const challenges = (actions: string): Statement => ({
  actions: actions.split(' ').map((action) => `dynamodb:${action}`),
  resources: ['otpost-dev-challenges.Arn'],
})

const throughDynamo = (table: string): Statement => ({
  actions: ['kms:Decrypt'],
  resources: [KEY],
  conditions: {
    StringEquals: {
      'kms:ViaService': 'dynamodb.<Region>.amazonaws.com',
      'kms:EncryptionContext:aws:dynamodb:tableName': table,
    },
  },
})

const purposes = (actions: string, names: string): Statement => ({
  actions: actions.split(' ').map((action) => `kms:${action}`),
  resources: [KEY],
  conditions: { StringEquals: { 'kms:EncryptionContext:purpose': names.split(' ') } },
})

const log = (name: string): Statement => ({
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  resources: [`/otpost/dev/${name}.Arn`],
})

const tables = [throughDynamo('otpost-dev-tokens'), throughDynamo('otpost-dev-challenges')]
const send: Statement = { actions: ['sqs:SendMessage'], resources: ['otpost-dev-deliver.Arn'] }
const scan = (...names: string[]): Statement => ({
  actions: ['dynamodb:Scan'],
  resources: names.map((name) => `otpost-dev-${name}.Arn`),
})
const signingKey: Statement = {
  actions: ['ssm:GetParameter'],
  resources: [`${PARAMETERS}/signing.key`],
}
/** Listing the parameters shows no secret. */
const keepEncrypted = (except?: object): Statement => ({
  actions: ['kms:Decrypt'],
  resources: ['*'],
  conditions: {
    StringEquals: { 'kms:ViaService': 'ssm.<Region>.amazonaws.com' },
    ...(except && { StringNotEquals: except }),
  },
  denied: true,
})
const RECORDS = 'otpost-dev-records.Arn'
const searchRecords: Statement[] = [
  throughDynamo('otpost-dev-records'),
  {
    actions: ['dynamodb:GetItem', 'dynamodb:Query'],
    resources: [RECORDS, `${RECORDS}/index/by_user`, `${RECORDS}/index/by_group`],
  },
]
const invoke = (...names: string[]): Statement => ({
  actions: ['lambda:InvokeFunction'],
  resources: names.map((name) => `otpost-dev-${name}.Arn`),
})
/** Users who are kept in other directories. */
const askResolve = invoke('resolve')
/** Accounts, tokens and who may sign in. */
const administration: Statement[] = [
  ...tables,
  items('GetItem', 'account/* serial/* admin/* settings keyring template/*'),
  items('PutItem', 'account/* serial/* admin/* template/*'),
  items('UpdateItem', 'account/* serial/*'),
  items('DeleteItem', 'account/* serial/* template/*'),
]

const EXPECTED: Record<string, Statement[]> = {
  validate: [
    log('validate'),
    ...tables,
    items('GetItem', 'account/* serial/* settings keyring'),
    items('UpdateItem', 'account/* serial/*'),
    items('PutItem', 'account/*'),
    askResolve,
    challenges('GetItem BatchGetItem Query PutItem UpdateItem'),
    send,
    signingKey,
    purposes('Decrypt', 'answer pin api'),
  ],
  selfservice: [
    log('selfservice'),
    ...tables,
    throughDynamo('otpost-dev-records'),
    items('GetItem', 'account/* serial/* settings keyring'),
    items('UpdateItem', 'account/* serial/*'),
    items('PutItem', 'account/*'),
    askResolve,
    challenges('GetItem BatchGetItem Query PutItem UpdateItem'),
    { actions: ['dynamodb:Query'], resources: ['otpost-dev-records.Arn/index/by_user'] },
    send,
    purposes('Decrypt', 'answer pin self'),
  ],
  deliver: [
    log('deliver'),
    ...tables,
    items('GetItem', 'account/* settings keyring template/*'),
    challenges('GetItem UpdateItem'),
    askResolve,
    {
      actions: [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:GetQueueUrl',
        'sqs:ReceiveMessage',
      ],
      resources: ['otpost-dev-deliver.Arn'],
    },
    {
      actions: ['ses:SendEmail', 'ses:SendRawEmail'],
      resources: [`${IDENTITIES}/*`, CONFIGURATION_SET],
    },
    {
      actions: ['ssm:GetParameter'],
      resources: [
        `${PARAMETERS}/email.password`,
        `${PARAMETERS}/email.client_key`,
        `${PARAMETERS}/providers/*.password`,
        `${PARAMETERS}/providers/*.client_key`,
      ],
    },
    purposes('Decrypt', 'secret answer'),
  ],
  'delivery-events': [
    log('delivery-events'),
    ...tables,
    items('GetItem', 'account/* serial/*'),
    items('UpdateItem', 'account/*'),
    challenges('UpdateItem'),
    { actions: ['sqs:SendMessage'], resources: ['otpost-dev-mail-events-dead.Arn'] },
  ],
  admin: [
    log('admin'),
    ...administration,
    scan('tokens'),
    items('GetItem PutItem', 'settings'),
    challenges('GetItem BatchGetItem Query PutItem UpdateItem'),
    {
      actions: ['ssm:GetParametersByPath', 'ssm:PutParameter', 'ssm:DeleteParameter'],
      resources: [PARAMETERS, `${PARAMETERS}/*`],
    },
    signingKey,
    keepEncrypted({ 'kms:EncryptionContext:PARAMETER_ARN': `${PARAMETERS}/signing.key` }),
    invoke('deliver', 'resolve'),
    ...searchRecords,
    send,
    purposes('Decrypt', 'secret answer pin session api audit'),
  ],
  configure: [
    log('configure'),
    throughDynamo('otpost-dev-tokens'),
    items('GetItem PutItem', 'settings'),
    { actions: ['ssm:GetParametersByPath'], resources: [PARAMETERS, `${PARAMETERS}/*`] },
    keepEncrypted(),
  ],
  operator: [
    log('operator'),
    ...administration,
    items('UpdateItem', 'keyring'),
    items('DeleteItem', 'admin/*'),
    scan('challenges', 'tokens'),
    challenges('GetItem PutItem UpdateItem'),
    send,
    {
      actions: ['sqs:GetQueueAttributes'],
      resources: ['otpost-dev-deliver.Arn', 'otpost-dev-deliver-dead.Arn'],
    },
    invoke('deliver', 'resolve'),
    { actions: ['ses:GetEmailIdentity'], resources: [`${IDENTITIES}/*`] },
    { actions: ['ses:GetAccount'], resources: ['*'] },
    ...searchRecords,
    purposes('Decrypt GenerateDataKeyWithoutPlaintext', 'secret answer pin session api self audit'),
  ],
  resolve: [
    log('resolve'),
    throughDynamo('otpost-dev-tokens'),
    items('GetItem', 'settings'),
    { actions: ['ssm:GetParameter'], resources: [`${PARAMETERS}/resolvers/*.password`] },
  ],
  record: [
    log('record'),
    throughDynamo('otpost-dev-tokens'),
    throughDynamo('otpost-dev-records'),
    items('GetItem', 'settings keyring'),
    {
      actions: ['dynamodb:GetItem'],
      resources: [RECORDS],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['audit'] } },
    },
    { actions: ['dynamodb:PutItem'], resources: [RECORDS] },
    { actions: ['sqs:SendMessage'], resources: ['otpost-dev-record-dead.Arn'] },
    purposes('Decrypt', 'audit'),
  ],
}

/** The actions of every statement that allows, wherever in a template it is. */
function allowedActions(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return []
  const { Effect, Action } = part as { Effect?: string; Action?: string | string[] }
  const own = Effect === 'Allow' && Action ? [Action].flat() : []
  return [...own, ...Object.values(part).flatMap(allowedActions)]
}

describe('grants', () => {
  let synthesized: Synthesized
  beforeAll(() => void (synthesized = synth()))

  const grants = (name: string) => grantsOf(synthesized, `otpost-dev-${name}`)

  it.each(Object.keys(EXPECTED))('lets %s do this and nothing else', (name) => {
    expect(sorted(grants(name))).toEqual(sorted(EXPECTED[name]!))
  })

  it('covers every role that exists', () => {
    const roles = Object.keys(synthesized.service.findResources('AWS::IAM::Role'))
    expect(roles).toHaveLength(Object.keys(EXPECTED).length)
  })

  it('attaches no policy of AWS, whose content others decide', () => {
    for (const role of Object.values(synthesized.service.findResources('AWS::IAM::Role'))) {
      expect(role.Properties).not.toHaveProperty('ManagedPolicyArns')
    }
  })

  it('allows no action with a *, in no policy, not even of a key', () => {
    const { data, service } = synth({ mailDomain: 'example.org', alarmEmail: 'ops@example.org' })
    const actions = [data, service].flatMap((template) => allowedActions(template.toJSON()))
    expect(actions).toContain('kms:PutKeyPolicy')
    expect(actions.filter((action) => action.includes('*'))).toEqual([])
  })

  it('has a * in these resources only', () => {
    const allowed = Object.keys(EXPECTED).flatMap((name) =>
      grants(name).filter(({ denied }) => !denied),
    )
    const wild = allowed.flatMap(({ resources }) => resources.filter((one) => one.includes('*')))
    expect(new Set(wild)).toEqual(
      new Set([
        `${PARAMETERS}/*`,
        `${PARAMETERS}/providers/*.password`,
        `${PARAMETERS}/providers/*.client_key`,
        `${PARAMETERS}/resolvers/*.password`,
        `${IDENTITIES}/*`,
        '*',
      ]),
    )
    expect(wild.filter((resource) => resource === '*')).toHaveLength(1)
  })

  it('has an environment variable for everything that is granted', () => {
    const variables = (name: string) => {
      const [fn] = Object.values(
        synthesized.service.findResources('AWS::Lambda::Function', {
          Properties: { FunctionName: `otpost-dev-${name}` },
        }),
      )
      return Object.keys(fn!.Properties.Environment.Variables).toSorted()
    }
    const everything = [
      'OTPOST_CHALLENGES_TABLE',
      'OTPOST_DELIVER_QUEUE_URL',
      'OTPOST_KEY_ARN',
      'OTPOST_RESOLVE_FUNCTION',
      'OTPOST_SETTINGS_CACHE_MS',
      'OTPOST_STAGE',
      'OTPOST_TOKENS_TABLE',
    ]
    expect(variables('validate')).toEqual(everything)
    expect(variables('selfservice')).toEqual([...everything, 'OTPOST_RECORDS_TABLE'].toSorted())
    expect(variables('deliver')).toEqual([...everything, 'OTPOST_CONFIGURATION_SET'].toSorted())
    expect(variables('delivery-events')).toEqual([
      'OTPOST_CHALLENGES_TABLE',
      'OTPOST_SETTINGS_CACHE_MS',
      'OTPOST_STAGE',
      'OTPOST_TOKENS_TABLE',
    ])
    const alone = ['OTPOST_DELIVER_FUNCTION', 'OTPOST_RECORDS_TABLE']
    expect(variables('admin')).toEqual([...everything, ...alone].toSorted())
    expect(variables('resolve')).toEqual([
      'OTPOST_SETTINGS_CACHE_MS',
      'OTPOST_STAGE',
      'OTPOST_TOKENS_TABLE',
    ])
    const operating = ['OTPOST_DEAD_LETTER_QUEUE_URL', ...alone]
    expect(variables('operator')).toEqual([...everything, ...operating].toSorted())
    expect(variables('record')).toEqual([
      'OTPOST_KEY_ARN',
      'OTPOST_RECORDS_TABLE',
      'OTPOST_SETTINGS_CACHE_MS',
      'OTPOST_STAGE',
      'OTPOST_TOKENS_TABLE',
    ])
    expect(variables('configure')).toEqual([
      'OTPOST_SETTINGS_CACHE_MS',
      'OTPOST_STAGE',
      'OTPOST_TOKENS_TABLE',
    ])
  })
})

/** Whether a statement lets somebody do it to a resource whose name ends so. */
const to =
  (action: string, resource = '') =>
  ({ actions, resources, denied }: Statement) =>
    !denied && actions.includes(action) && resources.some((name) => name.endsWith(resource))

/** Whether a statement opens the data key of a purpose. */
const opening = (purpose: string) => (statement: Statement) => {
  const { StringEquals } = (statement.conditions ?? {}) as {
    StringEquals?: Record<string, unknown>
  }
  const purposes = StringEquals?.['kms:EncryptionContext:purpose']
  return to('kms:Decrypt')(statement) && [purposes].flat().includes(purpose)
}

describe('privileges that stay apart, whatever the lists above say', () => {
  let synthesized: Synthesized
  beforeAll(() => void (synthesized = synth()))

  it.each<[string, (statement: Statement) => boolean, string]>([
    ['send mail', to('ses:SendEmail'), 'deliver'],
    ['read the password of a mail server', to('ssm:GetParameter', '.password'), 'deliver resolve'],
    ['read the default mail server', to('ssm:GetParameter', '/email.password'), 'deliver'],
    ['read the password of a directory', to('ssm:GetParameter', 'resolvers/*.password'), 'resolve'],
    ['edit settings', to('ssm:PutParameter'), 'admin'],
    ['derive codes', opening('secret'), 'admin deliver operator'],
    ['sign sessions of administrators', opening('session'), 'admin operator'],
    ['sign sessions of the self-service', opening('self'), 'operator selfservice'],
    ['vouch for callers', opening('api'), 'admin operator validate'],
    ['seal the audit', opening('audit'), 'admin operator record'],
    ['write the audit', to('dynamodb:PutItem', RECORDS), 'record'],
    ['change a record', to('dynamodb:UpdateItem', RECORDS), ''],
    ['delete a record', to('dynamodb:DeleteItem', RECORDS), ''],
    ['search whole tables', to('dynamodb:Scan'), 'admin operator'],
    ['have a test mail sent', to('lambda:InvokeFunction', 'deliver.Arn'), 'admin operator'],
    ['call the operator', to('lambda:InvokeFunction', 'operator.Arn'), ''],
  ])('%s', (_what, allows, names) => {
    const able = Object.keys(EXPECTED).filter((name) =>
      grantsOf(synthesized, `otpost-dev-${name}`).some(allows),
    )
    expect(able.toSorted()).toEqual(names.split(' ').filter(Boolean))
  })
})

describe('the right to send', () => {
  const sending = (deployment: Parameters<typeof synth>[0]) =>
    grantsOf(synth(deployment), 'otpost-dev-deliver').filter(({ actions }) =>
      actions.includes('ses:SendEmail'),
    )
  const arn = (resource: string) => `arn:<Partition>:ses:<Region>:<AccountId>:${resource}`
  const actions = ['ses:SendEmail', 'ses:SendRawEmail']

  it('is limited to the mail domain', () => {
    const resources = [arn('configuration-set/otpost-dev'), arn('identity/example.org')]
    expect(sending({ mailDomain: 'example.org' })).toEqual([{ actions, resources }])
  })

  it('is limited to the one sender', () => {
    expect(sending({ mailFrom: 'login@example.org' })).toEqual([
      {
        actions,
        resources: [
          arn('configuration-set/otpost-dev'),
          arn('identity/example.org'),
          arn('identity/login@example.org'),
        ],
        conditions: { StringEquals: { 'ses:FromAddress': 'login@example.org' } },
      },
    ])
  })
})
