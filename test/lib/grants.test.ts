import { beforeAll, describe, expect, it } from 'vitest'
import { EXPECTED, IDENTITIES, PARAMETERS, RECORDS } from './expected-grants.ts'
import { grantsOf, sorted, type Statement } from './statements.ts'
import { synth, type Synthesized } from './synth.ts'

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
      'OTPOST_KEY_ARN',
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
    ['make up what SES reports', opening('report'), 'deliver delivery-events operator'],
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
