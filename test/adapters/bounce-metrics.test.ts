import { describe, expect, it } from 'vitest'
import { bounceMetrics } from '../../functions/adapters/bounce-metrics.ts'
import type { FateState } from '../../functions/core/mail-fate.ts'

function counted(state: FateState, permanent = false) {
  const lines: any[] = []
  const write = (line: string) => void lines.push(JSON.parse(line))
  bounceMetrics({ stage: 'dev', clock: () => 7, write })({ state, permanent })
  return lines.map(({ _aws, stage, ...values }) => {
    const [{ Namespace, Dimensions, Metrics }] = _aws.CloudWatchMetrics
    expect([Namespace, Dimensions, stage, _aws.Timestamp]).toEqual([
      'Otpost',
      [['stage']],
      'dev',
      7,
    ])
    expect(Metrics.map(({ Name }: { Name: string }) => Name)).toEqual(Object.keys(values))
    return values
  })
}

describe('the share of mails that', () => {
  it('came back for good is an average of zeros and ones', () => {
    expect(counted('delivered')).toEqual([{ MailBounced: 0, MailComplained: 0 }])
    expect(counted('bounced', true)).toEqual([{ MailBounced: 1 }])
  })

  it('was called spam counts each mail once as delivered', () => {
    expect(counted('complained')).toEqual([{ MailComplained: 1 }])
  })

  it('has no end yet, or none for good, is left out', () => {
    for (const state of ['sent', 'delayed', 'failed', 'bounced'] as const) {
      expect(counted(state)).toEqual([])
    }
  })
})
