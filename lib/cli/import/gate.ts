/** Recoveries in a row before one more may pass. */
const SUCCESSES = 8

/**
 * Lets so many through at once, half as many after every failure, and more again while all goes
 * well: a service that is short of breath is not asked for more.
 */
export class Gate {
  readonly #most: number
  #limit: number
  #inside = 0
  #successes = 0
  #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
    this.#limit = most
  }

  /** How many may be inside at this moment. */
  get limit(): number {
    return this.#limit
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    while (this.#inside >= this.#limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    this.#inside++
    try {
      const result = await work()
      this.#succeeded()
      return result
    } catch (error) {
      this.#successes = 0
      this.#limit = Math.max(1, Math.floor(this.#limit / 2))
      throw error
    } finally {
      this.#inside--
      for (const resolve of this.#waiting.splice(0)) resolve()
    }
  }

  #succeeded(): void {
    if (this.#limit === this.#most || ++this.#successes < SUCCESSES) return
    this.#successes = 0
    this.#limit++
  }
}
