/** The inside of a function's worker thread: loads the bundle and runs one event at a time. */
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { FromWorker, FunctionSpec, ToWorker } from './function-host.ts'

const port = parentPort!
const spec = workerData as FunctionSpec
const tell = (message: FromWorker) => port.postMessage(message)

/** Output takes the same way as results, so that no line arrives after the reply it belongs to. */
function captureOutput(): void {
  const write = (chunk: string | Uint8Array): boolean => {
    tell({
      kind: 'output',
      text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(),
    })
    return true
  }
  process.stdout.write = write as typeof process.stdout.write
  process.stderr.write = write as typeof process.stderr.write
}

function context({ id, deadline }: ToWorker) {
  return {
    awsRequestId: id,
    functionName: spec.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: spec.arn,
    memoryLimitInMB: String(spec.memory),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
}

function described(error: unknown) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) }
  const { name, message, stack = '' } = error
  return { errorType: name, errorMessage: message, trace: stack.split('\n') }
}

captureOutput()
const bundle = createRequire(import.meta.url)(spec.file) as Record<string, unknown>
const handler = bundle[spec.handler]
if (typeof handler !== 'function') throw new Error(`${spec.file} exports no ${spec.handler}`)

port.on('message', async (message: ToWorker) => {
  try {
    const value: unknown = await handler(message.event, context(message))
    tell({ kind: 'value', json: JSON.stringify(value ?? null) })
  } catch (error) {
    tell({ kind: 'error', error: described(error) })
  }
})
tell({ kind: 'ready' })
