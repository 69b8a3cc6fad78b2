/** Runs one Lambda function in worker threads, the way Lambda runs it in execution environments. */
import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'

export type FunctionSpec = {
  name: string
  arn: string
  /** The bundle, CommonJS. */
  file: string
  /** Name of the export. */
  handler: string
  environment: Record<string, string>
  timeoutSeconds: number
  /** MB; told to the function, not enforced. */
  memory: number
}

export type ToWorker = { id: string; event: unknown; deadline: number }
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'output'; text: string }
  | { kind: 'value'; json: string }
  | { kind: 'error'; error: ErrorDescription }

/** A failed invocation in Lambda's own words. */
export type ErrorDescription = { errorType: string; errorMessage: string; trace?: string[] }

export class FunctionError extends Error {
  readonly description: ErrorDescription

  constructor(functionName: string, description: ErrorDescription) {
    super(`${functionName}: ${description.errorType}: ${description.errorMessage}`)
    this.name = 'FunctionError'
    this.description = description
  }
}

type Invocation = {
  event: unknown
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}
type Environment = {
  worker: Worker
  ready: boolean
  current: Invocation | undefined
  timer: NodeJS.Timeout | undefined
}

export type FunctionHostOptions = {
  /** Worker threads, at most; more events wait. @default 4 */
  concurrency?: number
  /**
   * How long a function may initialise before the first event's time is counted.
   *
   * @default ten seconds, as on Lambda
   */
  initMs?: number
  /** Told of every line the function prints. */
  output?: (line: string) => void
}

export class FunctionHost {
  readonly spec: FunctionSpec
  #concurrency: number
  #initMs: number
  #output: (line: string) => void
  #environments = new Set<Environment>()
  #waiting: Invocation[] = []
  #stopped = false

  constructor(spec: FunctionSpec, options: FunctionHostOptions = {}) {
    this.spec = spec
    this.#concurrency = options.concurrency ?? 4
    this.#initMs = options.initMs ?? 10_000
    this.#output = options.output ?? (() => {})
  }

  /** Loads the bundle once, ahead of the first event. */
  async warm(): Promise<void> {
    const { worker } = this.#start()
    await new Promise<void>((resolve) => {
      worker.once('message', () => resolve())
      worker.once('exit', () => resolve())
    })
  }

  /** What the handler returns. Rejects with FunctionError. The event is passed as JSON. */
  invoke(event: unknown): Promise<unknown> {
    if (this.#stopped) return Promise.reject(this.#error('Stopped', 'The stack has stopped.'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject })
      this.#dispatch()
    })
  }

  /** Ends all workers; what still ran fails. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { reject } of this.#waiting.splice(0)) {
      reject(this.#error('Stopped', 'The stack has stopped.'))
    }
    await Promise.all([...this.#environments].map(({ worker }) => worker.terminate()))
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const idle = this.#idle()
      if (!idle) return
      this.#assign(idle, this.#waiting.shift()!)
    }
  }

  #idle(): Environment | undefined {
    const free = [...this.#environments].filter(({ current }) => !current)
    const best = free.find(({ ready }) => ready) ?? free[0]
    if (best) return best
    return this.#environments.size < this.#concurrency ? this.#start() : undefined
  }

  #assign(environment: Environment, invocation: Invocation): void {
    environment.current = invocation
    if (environment.ready) this.#send(environment)
    // Who initialises for longer does so on the first event's time, as on Lambda.
    else environment.timer = this.#expire(environment, this.#initMs + this.#timeoutMs)
  }

  #send(environment: Environment): void {
    const limit = this.#timeoutMs
    clearTimeout(environment.timer)
    environment.timer = this.#expire(environment, limit)
    const { event } = environment.current!
    const message: ToWorker = { id: randomUUID(), event, deadline: Date.now() + limit }
    environment.worker.postMessage(message)
  }

  get #timeoutMs(): number {
    return this.spec.timeoutSeconds * 1000
  }

  #expire(environment: Environment, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const seconds = (ms / 1000).toFixed(2)
      const error = this.#error('Sandbox.Timedout', `Task timed out after ${seconds} seconds`)
      this.#lose(environment, error)
    }, ms)
  }

  #start(): Environment {
    const worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      env: this.spec.environment,
      execArgv: [],
      workerData: this.spec,
    })
    const environment: Environment = { worker, ready: false, current: undefined, timer: undefined }
    this.#environments.add(environment)
    worker.on('message', (message: FromWorker) => this.#receive(environment, message))
    worker.on('error', (error) => this.#lose(environment, this.#error(error.name, error.message)))
    worker.on('exit', (code) => {
      const reason = `Runtime exited with code ${code}`
      this.#lose(environment, this.#error('Runtime.ExitError', reason))
    })
    return environment
  }

  #receive(environment: Environment, message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        environment.ready = true
        if (environment.current) this.#send(environment)
        return
      case 'output':
        return this.#print(message.text)
      case 'value':
        return this.#finish(environment, ({ resolve }) => resolve(JSON.parse(message.json)))
      case 'error': {
        const error = new FunctionError(this.spec.name, message.error)
        return this.#finish(environment, ({ reject }) => this.#fail(reject, error))
      }
    }
  }

  #finish(environment: Environment, settle: (invocation: Invocation) => void): void {
    clearTimeout(environment.timer)
    const { current } = environment
    environment.current = undefined
    if (current) settle(current)
    this.#dispatch()
  }

  #lose(environment: Environment, error: FunctionError): void {
    if (!this.#environments.delete(environment)) return
    void environment.worker.terminate()
    this.#finish(environment, ({ reject }) => this.#fail(reject, error))
  }

  #fail(reject: (error: Error) => void, error: FunctionError): void {
    const { errorType, errorMessage } = error.description
    const line = { level: 'ERROR', service: this.spec.name, errorType, errorMessage }
    if (!this.#stopped) this.#print(JSON.stringify(line))
    reject(error)
  }

  #print(text: string): void {
    for (const line of text.split('\n')) if (line) this.#output(line)
  }

  #error(errorType: string, errorMessage: string): FunctionError {
    return new FunctionError(this.spec.name, { errorType, errorMessage })
  }
}
