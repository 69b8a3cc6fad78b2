/**
 * How the service is reached and what it reaches. The local stack is plain HTTP on loopback by its
 * nature, so this is read from the template that it runs, and from where it listens.
 */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readAssembly } from '../../lib/local/assembly.ts'
import { synthesize } from '../../lib/local/synth.ts'
import { all, grantsOf } from '../lib/statements.ts'
import { startTestStack, type TestStack } from './support.ts'

const PAGE = join(import.meta.dirname, '../../.github/MAIL.md')
const FUNCTION = 'otpost-local-'

let world: TestStack
let templates: Template[]
beforeAll(async () => {
  world = await startTestStack({ seed: false })
  const { templates: read } = readAssembly(await synthesize())
  templates = read.map(({ template }) => Template.fromJSON(template))
})
afterAll(() => world?.stack.stop())

const resources = (type: string) => templates.flatMap((template) => all(template, type))
const types = () =>
  templates
    .flatMap((template) =>
      Object.values(template.toJSON().Resources as Record<string, { Type: string }>),
    )
    .map(({ Type }) => Type)

/** Whether anybody answers there. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
    const done = (answered: boolean) => (socket.destroy(), resolve(answered))
    socket.on('connect', () => done(true)).on('error', () => done(false))
    socket.on('timeout', () => done(false))
  })
}

describe('N22: HTTPS', () => {
  it('N22: the one way in is an HTTP API of API Gateway, which takes TLS 1.2 and above only', () => {
    expect(
      resources('AWS::ApiGatewayV2::Api').map(({ Properties }) => Properties.ProtocolType),
    ).toEqual(['HTTP'])
    const others =
      /^AWS::(ApiGateway::|AppSync|CloudFront|EC2|ECS|ElasticLoadBalancing|Lambda::Url|S3::)/
    expect(types().filter((type) => others.test(type))).toEqual([])
    for (const { Properties } of resources('AWS::ApiGatewayV2::DomainName')) {
      for (const { SecurityPolicy } of Properties.DomainNameConfigurations) {
        expect(SecurityPolicy).toBe('TLS_1_2')
      }
    }
    const permissions = resources('AWS::Lambda::Permission').map(
      ({ Properties }) => Properties.Principal,
    )
    expect(permissions).not.toContain('*')
    expect(permissions).toContain('apigateway.amazonaws.com')
  })

  it('N22: every queue and topic refuses what does not come by TLS', () => {
    const policies = [...resources('AWS::SQS::QueuePolicy'), ...resources('AWS::SNS::TopicPolicy')]
    const closed = policies.filter(({ Properties }) =>
      Properties.PolicyDocument.Statement.some(
        ({ Effect, Condition, Principal }: Record<string, any>) =>
          Effect === 'Deny' &&
          Principal.AWS === '*' &&
          Condition?.Bool?.['aws:SecureTransport'] === 'false',
      ),
    )
    const closing = closed.flatMap(({ Properties }) => Properties.Queues ?? Properties.Topics)
    const named = [...resources('AWS::SQS::Queue'), ...resources('AWS::SNS::Topic')]
    expect(named.length).toBeGreaterThan(0)
    expect(new Set(closing.map((one) => JSON.stringify(one))).size).toBe(named.length)
  })

  it('N22: no function is told to talk to anything but the HTTPS endpoints of AWS', () => {
    for (const { Properties } of resources('AWS::Lambda::Function')) {
      const environment = Properties.Environment?.Variables ?? {}
      expect(Object.keys(environment).filter((name) => /ENDPOINT|PROXY|TLS/i.test(name))).toEqual(
        [],
      )
      expect(JSON.stringify(environment)).not.toMatch(/http:/)
    }
  })

  it('N22: on the laptop nothing listens beyond the loopback interface', async ({ skip }) => {
    const { api, mail, endpoint, smtp } = world.stack
    const ports = [api, mail, endpoint].map((url) => Number(new URL(url).port)).concat(smtp.port)
    for (const port of ports) expect(await answers('127.0.0.1', port)).toBe(true)
    const outer = Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).flatMap(({ internal, address, family }) =>
        internal || family !== 'IPv4' ? [] : [address],
      ),
    )
    if (outer.length === 0) skip('this machine has no other interface')
    for (const host of outer)
      for (const port of ports) expect(await answers(host, port)).toBe(false)
  })
})

describe('N23: the network', () => {
  it('N23: no port takes mail: no receipt rule, no network, no address, no load balancer', () => {
    const inbound =
      /^AWS::(SES::ReceiptRule|SES::MailManager|EC2::|ElasticLoadBalancing|Transfer|WorkMail)/
    expect(types().filter((type) => inbound.test(type))).toEqual([])
    const records = resources('AWS::Route53::RecordSet').map(({ Properties }) => Properties.Type)
    expect(records).not.toContain('MX')
  })

  /** The table of the page: what each function talks to, in its own words. */
  const egress = () => {
    const [, network = ''] = readFileSync(PAGE, 'utf8').split('## Network')
    const rows = [...network.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]
    return rows.slice(1).map(([, from = '', to = '', port = '']) => ({ from, to, port }))
  }
  const NAMES: Readonly<Record<string, string>> = {
    ...{ dynamodb: 'DynamoDB', kms: 'KMS', logs: 'CloudWatch Logs', sqs: 'SQS', ssm: 'SSM' },
    ...{ lambda: 'Lambda', ses: 'SES', 'cognito-idp': 'Cognito' },
  }
  const functions = () =>
    resources('AWS::Lambda::Function').map(({ Properties }) => Properties.FunctionName as string)
  const environmentOf = (name: string): Record<string, unknown> =>
    resources('AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === name)!
      .Properties.Environment.Variables
  /**
   * What a function may ask for, by IAM. A queue whose URL it is not given is used in its name by
   * Lambda itself, for events that were given up.
   */
  const granted = (name: string): Set<string> => {
    const [data, service] = [templates[0]!, templates[1]!]
    const grants = grantsOf({ data, service } as never, name)
    const asked = grants.flatMap(({ actions }) => actions.map((action) => action.split(':')[0]!))
    const hasQueue = Object.keys(environmentOf(name)).some((variable) =>
      variable.endsWith('_QUEUE_URL'),
    )
    return new Set(asked.filter((one) => one !== 'sqs' || hasQueue))
  }
  /** Only where a deployment names user pools. */
  const OPTIONAL = ['resolve asks cognito-idp']
  const documented = (name: string): string =>
    egress()
      .filter(({ from }) => from === 'every function' || from.includes(`\`${name}\``))
      .map(({ to }) => to)
      .join(' ')

  it('N23: the list of what must be open outward names all that each function may ask for', () => {
    expect(functions().length).toBeGreaterThan(8)
    const left = functions().flatMap((name) => {
      const words = documented(name.slice(FUNCTION.length))
      const services = [...granted(name)].filter((one) => !words.includes(NAMES[one] ?? one))
      return services.map((service) => `${name} asks ${service}`)
    })
    expect(left).toEqual([])
  })

  it('N23: and nothing that none of them may ask for', () => {
    const surplus = egress().flatMap(({ from, to }) =>
      [...from.matchAll(/`([a-z-]+)`/g)].flatMap(([, name]) => {
        const services = granted(FUNCTION + name!)
        const named = Object.keys(NAMES).filter((service) => to.includes(NAMES[service]!))
        return named.filter((one) => !services.has(one)).map((one) => `${name} asks ${one}`)
      }),
    )
    expect(surplus.filter((one) => !OPTIONAL.includes(one))).toEqual([])
    const mail = egress().find(({ to }) => to.includes('mail servers'))
    expect(mail).toMatchObject({ from: '`deliver`', port: expect.stringContaining('25, 465, 587') })
  })
})
