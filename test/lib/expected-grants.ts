/** What each function may do, written down by hand: a grant that grows must be wanted here, too. */
import type { Statement } from './statements.ts'

const KEY = 'AWS::KMS::Key.Arn'
export const PARAMETERS = 'arn:<Partition>:ssm:<Region>:<AccountId>:parameter/otpost/dev'
const CONFIGURATION_SET = 'arn:<Partition>:ses:<Region>:<AccountId>:configuration-set/otpost-dev'
export const IDENTITIES = 'arn:<Partition>:ses:<Region>:<AccountId>:identity'

const items = (actions: string, keys: string): Statement => ({
  actions: actions.split(' ').map((action) => `dynamodb:${action}`),
  resources: ['otpost-dev-tokens.Arn'],
  conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys.split(' ') } },
})

/** When sessions of administrators ended, and nothing else of them: no password. */
const adminSessions: Statement = {
  actions: ['dynamodb:GetItem'],
  resources: ['otpost-dev-tokens.Arn'],
  conditions: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['admin/*'] },
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sessionsFrom'] },
    StringEqualsIfExists: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
  },
}

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
const send: Statement = {
  actions: ['sqs:SendMessage'],
  resources: ['otpost-dev-deliver.Arn'],
}
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
export const RECORDS = 'otpost-dev-records.Arn'
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
  items('GetItem', 'account/* serial/* admin/* provider/* settings keyring template/*'),
  items('PutItem', 'account/* serial/* admin/* provider/* template/*'),
  items('UpdateItem', 'account/* serial/*'),
  items('DeleteItem', 'account/* serial/* template/*'),
]

/** By function, everything it is allowed in the stage `dev` without a mail domain. */
export const EXPECTED: Record<string, Statement[]> = {
  validate: [
    log('validate'),
    ...tables,
    items('GetItem', 'account/* serial/* settings keyring'),
    items('UpdateItem', 'account/* serial/*'),
    items('PutItem', 'account/*'),
    adminSessions,
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
    purposes('Decrypt', 'secret answer report'),
  ],
  'delivery-events': [
    log('delivery-events'),
    ...tables,
    items('GetItem', 'account/* serial/* keyring'),
    items('UpdateItem', 'account/*'),
    challenges('UpdateItem'),
    purposes('Decrypt', 'report'),
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
    purposes(
      'Decrypt GenerateDataKeyWithoutPlaintext',
      'secret answer pin session api self audit report',
    ),
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
