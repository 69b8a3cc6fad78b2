import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { Construct } from 'constructs'
import type { OtpostApi } from './http-api.ts'
import { AlarmTopic } from './alarm-topic.ts'
import type { DeliverQueue } from './deliver-queue.ts'
import type { OtpostFunction } from './otpost-function.ts'

export interface AlarmsProps {
  readonly stage: string
  readonly api: OtpostApi
  readonly validate: OtpostFunction
  readonly deliver: OtpostFunction
  readonly deliverQueue: DeliverQueue
  /**
   * Mailbox that hears of alarms.
   *
   * @default - alarms only show in CloudWatch
   */
  readonly alarmEmail?: string
}

/** One alarm; its name is also its section in the runbook. */
type Watch = { name: string; says: string; metric: IMetric; from: number }

const PERIOD = { period: Duration.minutes(5) }
const SUM = { ...PERIOD, statistic: Stats.SUM }

/** What somebody must know of: each alarm names the section of the runbook that helps. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id)
    const { stage, alarmEmail } = props
    const topic = alarmEmail && new AlarmTopic(this, 'Topic', { stage, email: alarmEmail })
    for (const watch of watches(props)) {
      const alarm = this.#alarm(stage, watch)
      if (!topic) continue
      alarm.addAlarmAction(new SnsAction(topic.topic))
      alarm.addOkAction(new SnsAction(topic.topic))
    }
  }

  #alarm(stage: string, { name, says, metric, from }: Watch): Alarm {
    return new Alarm(this, name, {
      alarmName: `otpost-${stage}-${name}`,
      alarmDescription: `${says} Runbook: .github/RUNBOOK.md#${name}`,
      metric,
      threshold: from,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
  }
}

function watches({ stage, api, validate, deliver, deliverQueue }: AlarmsProps): Watch[] {
  return [
    {
      name: 'settings-refused',
      says: 'A setting was refused; the last good settings stay in force.',
      metric: new Metric({
        namespace: 'Otpost',
        metricName: 'SettingsRefused',
        dimensionsMap: { stage },
        ...SUM,
      }),
      from: 1,
    },
    {
      name: 'mail-undeliverable',
      says: 'Deliveries were given up after ten tries.',
      metric: deliverQueue.deadLetters.metricApproximateNumberOfMessagesVisible({
        ...PERIOD,
        statistic: Stats.MAXIMUM,
      }),
      from: 1,
    },
    {
      name: 'deliver-errors',
      says: 'The function that sends mail fails again and again.',
      metric: deliver.metricErrors(SUM),
      from: 5,
    },
    {
      name: 'validate-errors',
      says: 'The login function crashed or ran out of time.',
      metric: validate.metricErrors(SUM),
      from: 1,
    },
    {
      name: 'validate-throttles',
      says: 'Lambda turned logins away for lack of concurrency.',
      metric: validate.metricThrottles(SUM),
      from: 1,
    },
    {
      name: 'api-5xx',
      says: 'Callers get server errors.',
      metric: api.api.metricServerError(SUM),
      from: 5,
    },
  ]
}
