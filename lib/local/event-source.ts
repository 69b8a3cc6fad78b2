/** AWS::Lambda::EventSourceMapping: carries messages from a queue to a function, in batches. */
import type { Queue, QueueMessage } from './queue.ts'
import { md5, systemAttributes } from './sqs.ts'

export type EventSourceOptions = {
  queue: Queue
  region: string
  /** Messages per invocation, at most. */
  batchSize: number
  /** Invocations at the same time, at most. */
  concurrency: number
  /** The function names the messages that failed; the others are done. */
  reportsFailures: boolean
  invoke: (event: unknown) => Promise<unknown>
}

export type EventSource = { stop(): void }

const IDLE_WAIT_MS = 20_000

/** Starts carrying. A message that failed comes back when its visibility timeout is over. */
export function startEventSource(options: EventSourceOptions): EventSource {
  const stopped = new AbortController()
  for (let i = 0; i < options.concurrency; i += 1) void carry(options, stopped.signal)
  return { stop: () => stopped.abort() }
}

async function carry(options: EventSourceOptions, stopped: AbortSignal): Promise<void> {
  const { queue, batchSize } = options
  while (!stopped.aborted) {
    const messages = await queue.receiveWithin(IDLE_WAIT_MS, batchSize, undefined, stopped)
    if (messages.length > 0) await deliver(options, messages)
  }
}

async function deliver(options: EventSourceOptions, messages: QueueMessage[]): Promise<void> {
  const Records = messages.map((message) => record(options, message))
  const failed = await options.invoke({ Records }).then(
    (result) => failedIds(options, result),
    // The function failed as a whole, and its host has said so: every message comes back.
    () => undefined,
  )
  if (!failed) return
  for (const message of messages) {
    if (!failed.has(message.id)) options.queue.delete(message.receiptHandle!)
  }
}

function failedIds(options: EventSourceOptions, result: unknown): Set<string> {
  if (!options.reportsFailures) return new Set()
  const { batchItemFailures = [] } = (result ?? {}) as {
    batchItemFailures?: { itemIdentifier: string }[]
  }
  return new Set(batchItemFailures.map((failure) => failure.itemIdentifier))
}

function record({ queue, region }: EventSourceOptions, message: QueueMessage) {
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: message.attributes,
    md5OfBody: md5(message.body),
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: region,
  }
}
