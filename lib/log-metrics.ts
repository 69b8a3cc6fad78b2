import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { FilterPattern, type IFilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { OtpostFunction } from './otpost-function.ts'

export interface LogMetricsProps {
  readonly stage: string
  readonly selfservice: OtpostFunction
  readonly admin: OtpostFunction
  readonly operator: OtpostFunction
  readonly deliver: OtpostFunction
}

const line = (message: string) => FilterPattern.stringValue('$.message', '=', message)

/** Lines that functions log of what nobody answers for, counted as they come. */
export class LogMetrics extends Construct {
  /** The owner of an earlier address said that a change was not theirs. */
  readonly disputed: Metric
  /** A notice of a changed address could not be sent. */
  readonly noticeLost: Metric
  /** An instance of `deliver` leaves a mail server alone for a while. */
  readonly providerResting: Metric

  constructor(scope: Construct, id: string, props: LogMetricsProps) {
    super(scope, id)
    const { stage, selfservice, admin, operator, deliver } = props
    const count = (
      metricName: string,
      pattern: IFilterPattern,
      functions: Record<string, OtpostFunction>,
    ) => {
      // a filter takes dimensions from the line only, and that does not name the stage
      const metric = { metricNamespace: `Otpost/${stage}`, metricName }
      for (const [name, { logGroup }] of Object.entries(functions)) {
        const filter = { logGroup, filterPattern: pattern, ...metric, metricValue: '1' }
        new MetricFilter(this, `${metricName}-${name}`, filter)
      }
      return new Metric({ namespace: metric.metricNamespace, metricName })
    }
    this.disputed = count('AddressDisputed', line('address_disputed'), { selfservice })
    this.noticeLost = count('AddressNoticeLost', line('address_notice_lost'), {
      ...{ selfservice, admin, operator },
    })
    const rests = FilterPattern.all(
      line('provider state'),
      FilterPattern.stringValue('$.state', '=', 'open'),
    )
    this.providerResting = count('ProviderResting', rests, { deliver })
  }
}
