import type { Clock } from '../core/ports.ts'
import type { Published, PublishPorts } from '../core/publish-settings.ts'

export type SettingsReportOptions = {
  stage: string
  clock: Clock
  /** Writes one line to the log. */
  write(line: string): void
}

/**
 * Logs how publishing went in one JSON line. With errors the same line is a metric in CloudWatch's
 * embedded metric format, so that the alarm on `SettingsRefused` needs no call and no filter.
 */
export function settingsReport(options: SettingsReportOptions): PublishPorts['report'] {
  const { stage, clock, write } = options
  return (outcome) => {
    const errors = outcome.problems.filter(({ severity }) => severity === 'error').length
    const entry = { level: levelOf(outcome, errors), message: messageOf(outcome, errors), stage }
    const metric = errors === 0 ? {} : refusedMetric(errors, clock())
    write(JSON.stringify({ ...entry, ...outcome, ...metric }))
  }
}

function levelOf({ problems }: Published, errors: number) {
  if (errors > 0) return 'error'
  return problems.length > 0 ? 'warn' : 'info'
}

function messageOf({ published }: Published, errors: number) {
  if (errors > 0) return 'settings refused'
  return published ? 'settings published' : 'settings unchanged'
}

const refusedMetric = (SettingsRefused: number, Timestamp: number) => ({
  SettingsRefused,
  _aws: {
    Timestamp,
    CloudWatchMetrics: [
      {
        Namespace: 'Otpost',
        Dimensions: [['stage']],
        Metrics: [{ Name: 'SettingsRefused', Unit: 'Count' }],
      },
    ],
  },
})
