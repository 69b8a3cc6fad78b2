/** Many shared holders or one exclusive holder; served in the order of arrival, so nobody starves. */
export class ReadWriteLock {
  #shared = 0
  #exclusive = false
  #waiting: { exclusive: boolean; enter: () => void }[] = []

  /** Runs the task beside other shared tasks, never beside an exclusive one. */
  shared<T>(task: () => Promise<T>): Promise<T> {
    return this.#run(false, task)
  }

  /** Runs the task alone. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#run(true, task)
  }

  async #run<T>(exclusive: boolean, task: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#admits(exclusive)) {
      await new Promise<void>((enter) => this.#waiting.push({ exclusive, enter }))
    } else {
      this.#enter(exclusive)
    }
    try {
      return await task()
    } finally {
      if (exclusive) this.#exclusive = false
      else this.#shared -= 1
      this.#admitWaiting()
    }
  }

  #admits(exclusive: boolean): boolean {
    return !this.#exclusive && (!exclusive || this.#shared === 0)
  }

  #enter(exclusive: boolean): void {
    if (exclusive) this.#exclusive = true
    else this.#shared += 1
  }

  #admitWaiting(): void {
    while (this.#waiting.length > 0 && this.#admits(this.#waiting[0]!.exclusive)) {
      const next = this.#waiting.shift()!
      this.#enter(next.exclusive)
      next.enter()
    }
  }
}
