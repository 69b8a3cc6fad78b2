/** An error as an AWS service states it: its type, its words and, for some, further members. */
export class AwsError extends Error {
  readonly type: string
  readonly status: number
  readonly members: Record<string, unknown>

  constructor(type: string, message: string, members: Record<string, unknown> = {}, status = 400) {
    super(message)
    this.name = 'AwsError'
    this.type = type
    this.status = status
    this.members = members
  }

  /** The last part of the type, which is what SDKs use as the error's name. */
  get code(): string {
    return this.type.split('#').at(-1)!
  }
}

/** What every stand-in answers to an operation it does not offer. */
export function unknownOperation(service: string, operation: string): AwsError {
  return new AwsError(
    'UnknownOperationException',
    `The local stack does not offer ${service}.${operation}.`,
  )
}
