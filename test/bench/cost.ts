/**
 * What AWS charges for logins beyond the mail itself: list prices of us-east-1 in US dollars, times
 * the requests that were counted, times durations made of measured CPU time and assumed waits.
 */
import { awaitDelivery } from '../../functions/core/await-delivery.ts'
import type { Challenge } from '../../functions/core/challenge.ts'
import type { ChallengeStore } from '../../functions/core/ports.ts'
import type { Call } from './cloud.ts'
import { NOTE_UNITS, type RecordCost, type RecordUnits, REPORTS } from './record-cost.ts'

const MILLION = 1e6

export const PRICES = {
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / MILLION,
  httpApiRequest: 1.0 / MILLION,
  dynamoWriteUnit: 0.625 / MILLION,
  dynamoReadUnit: 0.125 / MILLION,
  sqsRequest: 0.4 / MILLION,
  logByte: 0.5 / 1e9,
}

/** What cannot be measured on a laptop. Milliseconds as the caller of the service waits for it. */
export const ASSUMED = {
  memoryGb: 0.5,
  /** A function of 1,769 MB has one vCPU; smaller ones have their share. */
  vcpuShare: 512 / 1769,
  /** CPU of a Graviton vCPU against this machine's. */
  cpuFactor: 1,
  dynamoMs: 5,
  sqsMs: 10,
  sesMs: 120,
  /** From the queue to the function. */
  queueMs: 20,
  /** Lambda's poller receives and deletes each message. */
  sqsRequestsPerMessage: 3,
  /** A login asks twice. */
  httpRequests: 2,
  invocations: 3,
}

/** From where on a report or a record takes its function; both are small and wait for DynamoDB. */
const BEHIND_MS = { cpu: 5, dynamoCalls: 3 }

export type LoginCost = { item: string; dollars: number }

/** What one login took on average, apart from looking whether its mail was sent. */
export type Login = {
  writeUnits: number
  readUnits: number
  /** CPU milliseconds on this machine, over all functions. */
  cpuMs: number
  logBytes: number
}

/** The items of the bill of one login. */
export async function bill({
  writeUnits,
  readUnits,
  cpuMs,
  logBytes,
}: Login): Promise<LoginCost[]> {
  const waiting = await waitForMail()
  const gbSeconds = (ASSUMED.memoryGb * billedMs(cpuMs, waiting.ms)) / 1000
  return [
    { item: 'HTTP API requests', dollars: ASSUMED.httpRequests * PRICES.httpApiRequest },
    { item: 'Lambda requests', dollars: ASSUMED.invocations * PRICES.lambdaRequest },
    { item: 'Lambda GB-seconds', dollars: gbSeconds * PRICES.lambdaGbSecond },
    { item: 'DynamoDB writes', dollars: writeUnits * PRICES.dynamoWriteUnit },
    { item: 'DynamoDB reads', dollars: (readUnits + waiting.reads) * PRICES.dynamoReadUnit },
    { item: 'SQS requests', dollars: ASSUMED.sqsRequestsPerMessage * PRICES.sqsRequest },
    { item: 'log ingestion', dollars: logBytes * PRICES.logByte },
  ]
}

/**
 * What the audit and the delivery log of one login cost besides: SES's report noted by
 * `delivery-events`, and `record` where it is called for every line by itself.
 */
export function recordBill({ most, least }: RecordCost): { most: LoginCost[]; least: LoginCost[] } {
  const billOf = ({ writeUnits, readUnits, invocations }: RecordUnits): LoginCost[] => {
    const calls = invocations + REPORTS
    const ms = BEHIND_MS.cpu / ASSUMED.vcpuShare + BEHIND_MS.dynamoCalls * ASSUMED.dynamoMs
    const gbSeconds = (calls * ASSUMED.memoryGb * ms) / 1000
    const writes = writeUnits + REPORTS * NOTE_UNITS
    return [
      { item: 'Lambda', dollars: calls * PRICES.lambdaRequest + gbSeconds * PRICES.lambdaGbSecond },
      {
        item: 'DynamoDB',
        dollars: writes * PRICES.dynamoWriteUnit + readUnits * PRICES.dynamoReadUnit,
      },
    ]
  }
  return { most: billOf(most), least: billOf(least) }
}

/** Milliseconds of all three invocations together. */
function billedMs(cpuMs: number, mailMs: number): number {
  const { dynamoMs, sqsMs } = ASSUMED
  const trigger = 3 * dynamoMs + sqsMs + mailMs
  const answer = 2 * dynamoMs
  return trigger + answer + deliveryMs() + (cpuMs * ASSUMED.cpuFactor) / ASSUMED.vcpuShare
}

const deliveryMs = () => 4 * ASSUMED.dynamoMs + ASSUMED.sesMs

/** How long a trigger waits for a mail that takes as long as assumed, and how often it looks. */
async function waitForMail(): Promise<{ ms: number; reads: number }> {
  const sentAt = ASSUMED.queueMs + deliveryMs()
  let [now, reads] = [0, 0]
  const challenge = { transactionId: '', serial: '', delivery: 'queued' } as Challenge
  const store: Partial<ChallengeStore> = {
    async get(): Promise<Challenge> {
      reads++
      now += ASSUMED.dynamoMs
      return { ...challenge, delivery: now >= sentAt ? 'sent' : 'queued' }
    },
  }
  const sleep = async (ms: number) => void (now += ms)
  const ports = { challenges: store as ChallengeStore, now: () => now, sleep }
  await awaitDelivery(ports, [challenge], 1500)
  return { ms: now, reads }
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem'])

/** Whether a request is a write of DynamoDB. */
export const isWrite = ({ service, operation }: Call) =>
  service === 'dynamodb' && WRITES.has(operation)

/** Whether a request is a read of DynamoDB. */
export const isRead = (call: Call) => call.service === 'dynamodb' && !isWrite(call)
