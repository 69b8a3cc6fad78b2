/** One SQS queue: messages, visibility, receive counts and the way to its dead-letter queue. */
import { randomUUID } from 'node:crypto'

export type QueueMessage = {
  id: string
  body: string
  attributes: Record<string, unknown>
  /** Unix times in milliseconds. */
  sentAt: number
  visibleAt: number
  firstReceivedAt?: number
  receiveCount: number
  receiptHandle?: string
}

export type QueueOptions = {
  name: string
  arn: string
  /** Seconds a received message stays hidden. */
  visibilityTimeout: number
  /** Where a message goes that was received too often. */
  deadLetters?: { maxReceiveCount: number; queue: () => Queue | undefined }
  /** Content kept from an earlier run. */
  messages?: QueueMessage[]
  /** Told after every change. */
  changed?: () => void
  /** Unix time in milliseconds. @default Date.now */
  now?: () => number
}

export class Queue {
  readonly name: string
  readonly arn: string
  readonly visibilityTimeout: number
  #options: QueueOptions
  #messages: QueueMessage[]
  #waiting = new Set<() => void>()

  constructor(options: QueueOptions) {
    this.name = options.name
    this.arn = options.arn
    this.visibilityTimeout = options.visibilityTimeout
    this.#options = options
    this.#messages = options.messages ?? []
  }

  /** All messages, visible or not, oldest first. */
  get messages(): readonly QueueMessage[] {
    return this.#messages
  }

  /** Adds a message that becomes visible after `delay` seconds. */
  send(body: string, delay = 0, attributes: Record<string, unknown> = {}): QueueMessage {
    const now = this.#now()
    const visibleAt = now + delay * 1000
    const message = { id: randomUUID(), body, attributes, sentAt: now, visibleAt, receiveCount: 0 }
    this.#messages.push(message)
    this.#changed()
    return message
  }

  /** Takes up to `limit` visible messages and hides them for `visibility` seconds. */
  receive(limit: number, visibility = this.visibilityTimeout): QueueMessage[] {
    const now = this.#now()
    const taken: QueueMessage[] = []
    for (const message of [...this.#messages]) {
      if (taken.length === limit) break
      if (message.visibleAt > now || this.#moveToDeadLetters(message)) continue
      message.receiveCount += 1
      message.firstReceivedAt ??= now
      message.visibleAt = now + visibility * 1000
      message.receiptHandle = randomUUID()
      taken.push({ ...message })
    }
    if (taken.length > 0) this.#changed()
    return taken
  }

  /** Like {@link receive}, but waits until there is something, the signal fires or time is up. */
  async receiveWithin(
    waitMs: number,
    limit: number,
    visibility = this.visibilityTimeout,
    signal?: AbortSignal,
  ): Promise<QueueMessage[]> {
    const end = Date.now() + waitMs
    for (;;) {
      if (signal?.aborted) return []
      const taken = this.receive(limit, visibility)
      const left = end - Date.now()
      if (taken.length > 0 || left <= 0) return taken
      await this.#nextChange(left, signal)
    }
  }

  /** Forgets a message; an old receipt handle does nothing, as in SQS. */
  delete(receiptHandle: string): void {
    const before = this.#messages.length
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle)
    if (this.#messages.length < before) this.#changed()
  }

  /** Hides a received message for so many seconds from now; false when it is not in flight. */
  changeVisibility(receiptHandle: string, seconds: number): boolean {
    const message = this.#messages.find((one) => one.receiptHandle === receiptHandle)
    if (!message) return false
    message.visibleAt = this.#now() + seconds * 1000
    this.#changed()
    return true
  }

  /** Forgets all messages. */
  purge(): void {
    this.#messages = []
    this.#changed()
  }

  /** How many wait to be received, and how many are hidden. */
  count(): { visible: number; hidden: number } {
    const now = this.#now()
    const visible = this.#messages.filter((message) => message.visibleAt <= now).length
    return { visible, hidden: this.#messages.length - visible }
  }

  #moveToDeadLetters(message: QueueMessage): boolean {
    const { deadLetters } = this.#options
    if (!deadLetters || message.receiveCount < deadLetters.maxReceiveCount) return false
    this.#messages = this.#messages.filter((other) => other !== message)
    deadLetters.queue()?.send(message.body, 0, message.attributes)
    this.#changed()
    return true
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }

  #changed(): void {
    this.#options.changed?.()
    for (const wake of this.#waiting) wake()
  }

  /** Resolves at the next change or when the next hidden message comes back. */
  #nextChange(waitMs: number, signal?: AbortSignal): Promise<void> {
    const now = this.#now()
    const hidden = this.#messages.map((message) => message.visibleAt - now)
    const delay = Math.max(1, Math.min(waitMs, ...hidden.filter((left) => left > 0)))
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, delay)
      this.#waiting.add(done)
      signal?.addEventListener('abort', done)
    })
  }
}
