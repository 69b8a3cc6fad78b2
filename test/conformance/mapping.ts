/** Recorded ids and codes, and what they are in the running service. */
const TRANSACTION = /(?<!\d)\d{20}(?!\d)/g
const CODE = /(?<!\d)(?:\d{6}|\d{8})(?!\d)/g

/** A serial the recorded server made up, and one Otpost makes up. */
const MADE_UP = { recorded: /^PIEM[0-9A-F]{8}$/, running: /^EM[0-9A-F]{8}$/ }

const PORT = /(?<="(?:email\.)?port": "?)\d+/g

export class Mapping {
  #ports: ReadonlyMap<number, number>
  #ids = new Map<string, string>()
  #codes = new Map<string, string>()

  /** @param ports the running port for a recorded one */
  constructor(ports: ReadonlyMap<number, number> = new Map()) {
    this.#ports = ports
  }

  /** A recorded number, which may be a port. */
  number(recorded: number): number {
    return this.#ports.get(recorded) ?? recorded
  }

  /**
   * Whether the running value is what the recorded one stands for. A transaction id or made-up
   * serial that was never seen is remembered, if its shape is right.
   */
  matches(recorded: string, running: string): boolean {
    const known = this.#ids.get(recorded)
    if (known !== undefined) return known === running
    if (recorded === running) return true
    const isId = /^\d{20}$/.test(recorded) && /^\d{20}$/.test(running)
    const isSerial = MADE_UP.recorded.test(recorded) && MADE_UP.running.test(running)
    if (isId || isSerial) this.#ids.set(recorded, running)
    return isId || isSerial
  }

  /** Learns what the codes of two mails that stand for each other are. */
  learnCodes(recorded: string, running: string): void {
    const codes = running.match(CODE) ?? []
    for (const [index, code] of (recorded.match(CODE) ?? []).entries()) {
      if (codes[index] !== undefined) this.#codes.set(code, codes[index])
    }
  }

  /** A recorded text in words of the running service. */
  translate(text: string): string {
    const withIds = text.replace(TRANSACTION, (id) => this.#ids.get(id) ?? id)
    // An id that was sent as a number has lost its leading zero.
    const withNumbers = withIds.replace(/(?<!\d)\d{19}(?!\d)/g, (id) =>
      (this.#ids.get(`0${id}`) ?? id).replace(/^0+/, ''),
    )
    const withSerials = withNumbers.replace(
      /PIEM[0-9A-F]{8}/g,
      (serial) => this.#ids.get(serial) ?? serial,
    )
    const withPorts = withSerials.replace(PORT, (port) => String(this.number(Number(port))))
    return withPorts.replace(CODE, (code) => this.#codeOf(code))
  }

  /** A recorded code that was never mailed must not by chance be one that was mailed now. */
  #codeOf(code: string): string {
    const known = this.#codes.get(code)
    if (known !== undefined) return known
    const [taken] = [...this.#codes].find(([, running]) => running === code) ?? []
    return taken ?? code
  }
}
