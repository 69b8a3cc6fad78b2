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
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { OtpostApi } from './http-api.ts'
import { AlarmTopic } from './alarm-topic.ts'
import type { DeliverQueue } from './deliver-queue.ts'
import { LogMetrics } from './log-metrics.ts'
import type { MailEvents } from './mail-events.ts'
import type { OtpostFunction } from './otpost-function.ts'
import type { Recording } from './recording.ts'

export interface AlarmsProps {
  readonly stage: string
  readonly api: OtpostApi
  readonly validate: OtpostFunction
  readonly selfservice: OtpostFunction
  readonly admin: OtpostFunction
  readonly operator: OtpostFunction
  readonly deliver: OtpostFunction
  readonly deliverQueue: DeliverQueue
  readonly mailEvents: MailEvents
  readonly recording: Recording
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
    const logged = new LogMetrics(this, 'Logged', props)
    for (const watch of [...watches(props), ...logWatches(logged)]) {
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

const waiting = (queue: Queue) =>
  queue.metricApproximateNumberOfMessagesVisible({ ...PERIOD, statistic: Stats.MAXIMUM })

/** From where on SES asks questions: 5 % of the mails that come back, 1 of 1,000 that annoys. */
const [BOUNCES, COMPLAINTS] = [0.05, 0.001]

/** What became of mails. Each counts as 0 or 1, so that their average is a share. */
function mailWatches({ stage, mailEvents }: AlarmsProps): Watch[] {
  const ofTheDay = (metricName: string) =>
    new Metric({
      ...{ namespace: 'Otpost', metricName, dimensionsMap: { stage } },
      ...{ period: Duration.days(1), statistic: Stats.AVERAGE },
    })
  return [
    {
      name: 'mail-bounces',
      says: 'Too many mails of the last day came back; SES pauses who goes on so.',
      metric: ofTheDay('MailBounced'),
      from: BOUNCES,
    },
    {
      name: 'mail-complaints',
      says: 'Too many people called a mail of the last day spam.',
      metric: ofTheDay('MailComplained'),
      from: COMPLAINTS,
    },
    {
      name: 'mail-events-lost',
      says: 'Reports of what became of mails were given up.',
      metric: waiting(mailEvents.deadLetters),
      from: 1,
    },
  ]
}

/** What functions have logged. */
const logWatches = ({ disputed, noticeLost, providerResting }: LogMetrics): Watch[] => [
  {
    name: 'address-disputed',
    says: 'Somebody says that another person changed the address of their account.',
    metric: disputed.with(SUM),
    from: 1,
  },
  {
    name: 'address-notice-lost',
    says: 'Somebody was not told that the address of their account was changed.',
    metric: noticeLost.with(SUM),
    from: 1,
  },
  {
    name: 'provider-resting',
    says: 'A mail server failed again and again and is left alone for a while.',
    metric: providerResting.with(SUM),
    from: 1,
  },
]

function watches(props: AlarmsProps): Watch[] {
  const { stage, api, validate, selfservice, deliver, deliverQueue, recording } = props
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
      metric: waiting(deliverQueue.deadLetters),
      from: 1,
    },
    ...mailWatches(props),
    {
      name: 'record-failed',
      says: 'Acts or deliveries could not be recorded; they are in the logs still.',
      metric: waiting(recording.deadLetters),
      from: 1,
    },
    {
      name: 'record-errors',
      says: 'The function that keeps the audit fails.',
      metric: recording.record.metricErrors(SUM),
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
      name: 'selfservice-errors',
      says: 'The self-service crashed or ran out of time.',
      metric: selfservice.metricErrors(SUM),
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
