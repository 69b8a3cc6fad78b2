/** What CloudWatch Logs passes to a subscriber. */
import { gunzipSync } from 'node:zlib'
import type { CloudWatchLogsEvent } from 'aws-lambda'

/** One line of a log; the id is the same whenever it comes again. */
export type LogEvent = { id: string; message: string }

/** The lines of an event. A message by which CloudWatch checks the subscription has none. */
export function logEvents({ awslogs }: CloudWatchLogsEvent): LogEvent[] {
  const text = gunzipSync(Buffer.from(awslogs.data, 'base64')).toString()
  const { messageType, logEvents } = JSON.parse(text) as {
    messageType: string
    logEvents: LogEvent[]
  }
  return messageType === 'DATA_MESSAGE' ? logEvents : []
}
