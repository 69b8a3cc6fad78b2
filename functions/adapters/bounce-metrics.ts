import type { DeliveryEvent } from '../core/delivery-event.ts'
import type { Clock } from '../core/ports.ts'

export type BounceMetricsOptions = {
  stage: string
  clock: Clock
  /** Writes one line to the log. */
  write(line: string): void
}

/**
 * Counts how mails ended, in CloudWatch's embedded metric format: each end is a 0 or a 1, so the
 * average of `MailBounced` is the share of mails that came back for good, and that of
 * `MailComplained` the share that was called spam. What is no end, or none for good, is not counted.
 */
export function bounceMetrics({ stage, clock, write }: BounceMetricsOptions) {
  return (event: Pick<DeliveryEvent, 'state' | 'permanent'>): void => {
    const values = valuesOf(event)
    const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }))
    if (Metrics.length === 0) return
    const CloudWatchMetrics = [{ Namespace: 'Otpost', Dimensions: [['stage']], Metrics }]
    write(JSON.stringify({ stage, ...values, _aws: { Timestamp: clock(), CloudWatchMetrics } }))
  }
}

function valuesOf({ state, permanent }: Pick<DeliveryEvent, 'state' | 'permanent'>) {
  if (state === 'delivered') return { MailBounced: 0, MailComplained: 0 }
  if (state === 'bounced' && permanent) return { MailBounced: 1 }
  // whoever complains has the mail: it was counted as delivered before
  return state === 'complained' ? { MailComplained: 1 } : {}
}
