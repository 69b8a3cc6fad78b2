import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import type { Sent } from '../core/ports.ts'
import type { TestMail } from '../core/test-mail.ts'

/** What `deliver` is invoked with, beside the messages of its queue. */
export type TestMailEvent = { test: TestMail }

export const isTestMail = (event: object): event is TestMailEvent => 'test' in event

/** Has `deliver` send a test mail, and waits for how that went. */
export function lambdaTestMail(client: LambdaClient, deliver: string) {
  return async (test: TestMail): Promise<Sent> => {
    const event: TestMailEvent = { test }
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: deliver, Payload: JSON.stringify(event) }),
    )
    if (FunctionError || !Payload)
      throw new Error(`deliver failed: ${FunctionError ?? 'no answer'}`)
    return JSON.parse(Payload.transformToString()) as Sent
  }
}
