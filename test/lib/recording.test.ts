import { beforeAll, describe, expect, it } from 'vitest'
import { all } from './statements.ts'
import { synth, type Synthesized } from './synth.ts'

describe('recording', () => {
  let synthesized: Synthesized
  beforeAll(() => void (synthesized = synth()))

  const filters = () => all(synthesized.service, 'AWS::Logs::SubscriptionFilter')
  const groupOf = (filter: ReturnType<typeof filters>[number]) => {
    const groups = synthesized.service.findResources('AWS::Logs::LogGroup')
    return groups[filter.Properties.LogGroupName.Ref]!.Properties.LogGroupName as string
  }

  it('reads the log of every function that acts or mails, and never its own', () => {
    expect(filters().map(groupOf).toSorted()).toEqual(
      ['admin', 'deliver', 'delivery-events', 'operator', 'selfservice', 'validate'].map(
        (name) => `/otpost/dev/${name}`,
      ),
    )
  })

  it('is passed acts and deliveries only', () => {
    for (const { Properties } of filters()) {
      expect(Properties.FilterPattern).toBe('{ ($.record = "audit") || ($.record = "delivery") }')
    }
  })

  it('keeps what it could not take', () => {
    const [config] = all(synthesized.service, 'AWS::Lambda::EventInvokeConfig').filter(
      ({ Properties }) => JSON.stringify(Properties).includes('Record'),
    )
    expect(config!.Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    })
  })
})
