/** Keeps the queues' content in one file, so that what was acknowledged survives the process. */
import { readJsonFile, replaceFile } from './json-file.ts'
import type { Queue, QueueMessage } from './queue.ts'

type Content = Record<string, QueueMessage[]>

export class QueueJournal {
  #path: string | undefined
  #queues: readonly Queue[] = []
  #kept: Content
  #writing: Promise<void> | undefined
  #next: Promise<void> | undefined

  /** Without a path nothing is kept. */
  constructor(path: string | undefined) {
    this.#path = path
    this.#kept = (path && readJsonFile<Content>(path)) || {}
  }

  /**
   * What a queue held when the last run ended. Nobody holds a receipt any more, so what was in
   * flight is visible at once.
   */
  contentOf(name: string): QueueMessage[] {
    const inFlight = (message: QueueMessage) => message.receiptHandle !== undefined
    return (this.#kept[name] ?? []).map((message) =>
      inFlight(message) ? { ...message, visibleAt: 0 } : message,
    )
  }

  /** The queues to keep from now on. */
  watch(queues: readonly Queue[]): void {
    this.#queues = queues
  }

  /** Resolves when everything that was in the queues at the call is on disk. */
  async saved(): Promise<void> {
    if (!this.#path) return
    this.#next ??= this.#writeAfter(this.#writing)
    await this.#next
  }

  /** Callers during one write share the next. */
  async #writeAfter(previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => {})
    const content = Object.fromEntries(this.#queues.map((queue) => [queue.name, queue.messages]))
    const write = replaceFile(this.#path!, JSON.stringify(content))
    this.#writing = write
    this.#next = undefined
    await write
  }
}
