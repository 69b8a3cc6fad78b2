import { describe, expect, test } from 'vitest'
import { Events, parameterEvent, parsePattern, parseRate } from '../../../lib/local/events.ts'

const PATTERN = {
  source: ['aws.ssm'],
  'detail-type': ['Parameter Store Change'],
  detail: { name: [{ prefix: '/otpost/local/' }], operation: ['Create', 'Update'] },
}
const change = (name: string, operation: 'Create' | 'Delete' = 'Create') =>
  parameterEvent('/otpost/local/', { name, operation, secure: false })

function rule(invoke: (event: any) => Promise<unknown>) {
  return new Events([{ pattern: parsePattern(PATTERN), targets: [{ invoke }] }], 'us-east-1')
}

describe('a rule', () => {
  test('starts its targets on what matches, and returns their values', async () => {
    const events = rule(async (event) => event.detail.name)
    expect(await events.publish([change('a')])).toEqual([{ value: '/otpost/local/a' }])
  })

  test('is left alone by everything else', async () => {
    const events = rule(async () => 'started')
    const elsewhere = parameterEvent('/other/', { name: 'a', operation: 'Create', secure: false })
    expect(await events.publish([elsewhere])).toEqual([])
    expect(await events.publish([change('a', 'Delete')])).toEqual([])
    expect(await events.publish([{ ...change('a'), source: 'aws.s3' }])).toEqual([])
  })

  test('is started by one value of a list in the event, as EventBridge does', async () => {
    const pattern = parsePattern({ detail: { tags: { set: ['ours'] } } })
    const events = new Events([{ pattern, targets: [{ invoke: async () => 1 }] }], 'us-east-1')
    const event = (set: unknown) => ({ ...change('a'), detail: { tags: { set } } })
    expect(await events.publish([event(['theirs', 'ours'])])).toEqual([{ value: 1 }])
    expect(await events.publish([event(['theirs'])])).toEqual([])
    expect(await events.publish([event([])])).toEqual([])
  })

  test('starts its targets once for what happened together', async () => {
    const events = rule(async (event) => event.detail.name)
    const together = [change('a'), change('b'), change('c', 'Delete')]
    expect(await events.publish(together)).toEqual([{ value: '/otpost/local/b' }])
  })

  test('says how a target failed', async () => {
    const events = rule(async () => {
      throw new Error('broken')
    })
    expect(await events.publish([change('a')])).toEqual([{ error: new Error('broken') }])
  })
})

test('a filter that is not offered is refused by its place', () => {
  const pattern = { detail: { name: [{ suffix: 'x' }] } }
  expect(() => parsePattern(pattern, 'Rule.EventPattern')).toThrow('Rule.EventPattern.detail.name')
})

test('a schedule is a rate', () => {
  expect(parseRate('rate(5 minutes)')).toBe(300_000)
  expect(parseRate('rate(1 hour)')).toBe(3_600_000)
  expect(() => parseRate('cron(0 12 * * ? *)')).toThrow('only rate(…) is offered locally')
})
