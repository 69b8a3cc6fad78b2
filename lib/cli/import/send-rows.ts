import type { RowResult } from '../../../functions/core/operator/import-row.ts'
import { CommandFailure } from '../errors.ts'
import { call, type Target } from '../target.ts'
import { Gate } from './gate.ts'

export type SendOptions = {
  /** Connects to the deployment; asked again after a failure, which may be the connection's. */
  connect(): Promise<Target>
  /** Calls at once, while all goes well. */
  lanes: number
  /** What comes with every call, beside its rows. */
  args: Record<string, unknown>
  sleep(ms: number): Promise<void>
  signal: AbortSignal
  /** Told of every pause. */
  tell(text: string): void
}

export type SendRows = (rows: readonly object[]) => Promise<RowResult[]>

/** Together about a minute: long enough for a throttle to pass, or for a local stack to restart. */
const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000]
/** AWS's own words for what passes. */
const PASSING = [
  'TooManyRequestsException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ServiceException',
  'EC2ThrottledException',
  'ResourceConflictException',
  'TimeoutError',
]
const CONNECTION = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']

/**
 * Sends rows to be imported, and again when that failed for no fault of theirs: a row may come
 * twice. Rejects with CommandFailure when the failure stays.
 */
export function rowSender({ connect, lanes, args, sleep, signal, tell }: SendOptions): SendRows {
  const gate = new Gate(lanes)
  let target: Promise<Target> | undefined

  async function once(rows: readonly object[]): Promise<RowResult[]> {
    const current = (target ??= connect())
    try {
      const { rows: results } = await call<{ rows: RowResult[] }>(await current, 'user.import', {
        ...args,
        rows,
      })
      return results
    } catch (error) {
      if (target === current) target = undefined
      throw error
    }
  }

  return async (rows) => {
    for (const pause of PAUSES_MS) {
      try {
        return await gate.run(() => once(rows))
      } catch (error) {
        if (!passes(error) || signal.aborted) throw error
        tell(`${error.message} Trying again in ${pause / 1000} s.`)
        await sleep(pause)
        if (signal.aborted) throw error
      }
    }
    return gate.run(() => once(rows))
  }
}

/** Whether it may be better in a moment: wrong credentials, for one, are not. */
function passes(error: unknown): error is CommandFailure {
  if (!(error instanceof CommandFailure) || error.code !== 'unavailable') return false
  if (!(error.cause instanceof Error)) return true
  const { name, code = '' } = error.cause as NodeJS.ErrnoException
  return PASSING.includes(name) || CONNECTION.includes(code)
}
