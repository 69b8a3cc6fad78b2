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

/** One lock per name; a task that names several is let in when all of them are free. */
export class NamedLocks {
  #locks = new Map<string, ReadWriteLock>()

  /** Runs the task beside other shared tasks of these names. */
  shared<T>(names: string[], task: () => Promise<T>): Promise<T> {
    return this.#within(names, (lock, inner) => lock.shared(inner), task)
  }

  /** Runs the task beside no other task of these names. */
  exclusive<T>(names: string[], task: () => Promise<T>): Promise<T> {
    return this.#within(names, (lock, inner) => lock.exclusive(inner), task)
  }

  /** Takes the locks in the order of their names, so that no two tasks wait for each other. */
  #within<T>(names: string[], enter: Enter<T>, task: () => Promise<T>): Promise<T> {
    const ordered = [...new Set(names)].sort().reverse()
    return ordered.reduce((inner, name) => () => enter(this.#lock(name), inner), task)()
  }

  #lock(name: string): ReadWriteLock {
    const lock = this.#locks.get(name) ?? new ReadWriteLock()
    this.#locks.set(name, lock)
    return lock
  }
}

type Enter<T> = (lock: ReadWriteLock, task: () => Promise<T>) => Promise<T>
