import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { auditEntry } from '../../functions/adapters/audit-line.ts'
import { cloudWatchAudit } from '../../functions/adapters/cloudwatch-audit.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const DAY = 24 * 3_600_000
const client = new CloudWatchLogsClient({ region: 'eu-central-1' })
const mock = mockClient(client)
beforeEach(() => mock.reset())

const audit = cloudWatchAudit({ client, logGroups: ['/a', '/b'], clock: () => NOW })
const inputs = () => mock.commandCalls(FilterLogEventsCommand).map(({ args }) => args[0].input)
const patternFor = async (filter: Parameters<typeof audit.find>[0]) => {
  mock.on(FilterLogEventsCommand).resolves({ events: [] })
  await audit.find(filter, 10)
  return inputs()[0]!.filterPattern
}
const line = (secondsAgo: number, fields: object = {}) => ({
  message: JSON.stringify({
    time: new Date(NOW - secondsAgo * 1000).toISOString(),
    level: 'info',
    message: 'request',
    method: 'POST',
    path: '/validate/check',
    status: 200,
    client_ip: '192.0.2.1',
    ms: 12,
    ...fields,
  }),
})

describe('cloudWatchAudit', () => {
  it('asks each log group for the requests of a day, newest first', async () => {
    mock.on(FilterLogEventsCommand).resolves({})
    expect(await audit.find({}, 10)).toEqual([])
    const asked = {
      startTime: NOW - DAY,
      endTime: NOW,
      filterPattern: '{ $.message = "request" }',
      startFromHead: false,
    }
    expect(inputs()).toEqual([
      { logGroupName: '/a', ...asked },
      { logGroupName: '/b', ...asked },
    ])
  })

  it('has CloudWatch compare user, realm and client', async () => {
    expect(await patternFor({ user: 'ali*', realm: 'demo', clientIp: '192.0.2.1' })).toBe(
      '{ $.message = "request" && $.user = "ali*" && $.realm = "demo" && $.client_ip = "192.0.2.1" }',
    )
  })

  it.each(['a" || $.user = "b', 'a\\', '%a%', 'a*b', '" }', 'ä', 'a\n', "a'", '${a}', ''])(
    'lets no value become part of the pattern: %j',
    async (user) => {
      expect(await patternFor({ user })).toBe('{ $.message = "request" }')
    },
  )

  it('compares everything itself, what CloudWatch was not asked included', async () => {
    mock.on(FilterLogEventsCommand, { logGroupName: '/b' }).resolves({})
    mock.on(FilterLogEventsCommand, { logGroupName: '/a' }).resolves({
      events: [line(1, { user: 'a"b' }), line(2, { user: 'other' })],
    })
    expect(await audit.find({ user: 'a"b' }, 10)).toMatchObject([{ user: 'a"b' }])
  })

  it('goes on page by page until there is enough, and merges the groups by time', async () => {
    mock
      .on(FilterLogEventsCommand, { logGroupName: '/a' })
      .resolvesOnce({ events: [line(1)], nextToken: 't1' })
      .resolvesOnce({ events: [], nextToken: 't2' })
      .resolvesOnce({ events: [line(4), line(5)], nextToken: 't3' })
    mock.on(FilterLogEventsCommand, { logGroupName: '/b' }).resolves({ events: [line(2)] })
    const found = await audit.find({}, 3)
    expect(found.map(({ at }) => (NOW - at) / 1000)).toEqual([1, 2, 4])
    const tokens = inputs().filter(({ logGroupName }) => logGroupName === '/a')
    expect(tokens.map(({ nextToken }) => nextToken)).toEqual([undefined, 't1', 't2'])
  })

  it('gives up after twenty pages', async () => {
    mock.on(FilterLogEventsCommand).resolves({ nextToken: 'again' })
    expect(await audit.find({}, 10)).toEqual([])
    expect(inputs()).toHaveLength(40)
  })
})

describe('auditEntry', () => {
  const entry = (fields: object) => auditEntry(line(0, fields).message)

  it.each([
    ['accepted', 'ACCEPT', true],
    ['passed', 'ACCEPT', true],
    ['challenged', 'CHALLENGE', false],
    ['asked', 'CHALLENGE', false],
    ['rejected', 'REJECT', false],
  ])('reads the outcome %s as %s', (outcome, authentication, success) => {
    expect(entry({ outcome })).toMatchObject({ authentication, success })
  })

  it('reads the status of what is not a login', () => {
    expect(entry({ status: 403 })).toMatchObject({ success: false })
    expect(entry({ status: 204 })).toMatchObject({ success: true })
    expect(entry({ status: 200, refused: true })).toMatchObject({ success: false })
  })

  it('passes over every other line', () => {
    for (const text of ['', 'REPORT', 'null', '[]', '{"message":"settings refused"}']) {
      expect(auditEntry(text)).toBeUndefined()
    }
  })
})
