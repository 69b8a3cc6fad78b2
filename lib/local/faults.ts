/** Faults a test can plant at the AWS endpoint. */

/**
 * - `reset`: the connection drops before anything is done
 * - `lost-reply`: it is done, then the connection drops
 * - `timeout`: nothing is done and no answer ever comes
 * - `throttle`: the service's own throttling error
 * - otherwise: an error with this status and type
 */
export type FaultEffect =
  'reset' | 'lost-reply' | 'timeout' | 'throttle' | { status: number; type: string }

export type FaultSpec = {
  /** `dynamodb`, `sqs`, `ssm`, `kms`, `ses` or `lambda`. */
  service: string
  /** Name of the operation. @default every operation of the service */
  operation?: string
  /** Narrows by the request's body. @default every request */
  match?: (body: Record<string, any>) => boolean
  effect: FaultEffect
}

export type PlantedFault = {
  /** How often it has struck. */
  readonly struck: number
  /** Takes it away again. */
  remove(): void
}

type Planted = FaultSpec & { left: number; struck: number }

/** The faults in force, oldest first. */
export class Faults {
  #planted: Planted[] = []

  /** Plants a fault that strikes so many matching requests. @default once */
  add(spec: FaultSpec, times = 1): PlantedFault {
    const planted: Planted = { ...spec, left: times, struck: 0 }
    this.#planted.push(planted)
    return {
      get struck() {
        return planted.struck
      },
      remove: () => this.#remove(planted),
    }
  }

  /** Takes all faults away. */
  clear(): void {
    this.#planted = []
  }

  /** The effect that strikes this request, if any. */
  strike(service: string, operation: string, body: Record<string, any>): FaultEffect | undefined {
    const fault = this.#planted.find(
      (planted) =>
        planted.service === service &&
        (planted.operation ?? operation) === operation &&
        (planted.match?.(body) ?? true),
    )
    if (!fault) return undefined
    fault.struck += 1
    fault.left -= 1
    if (fault.left <= 0) this.#remove(fault)
    return fault.effect
  }

  #remove(planted: Planted): void {
    this.#planted = this.#planted.filter((other) => other !== planted)
  }
}
