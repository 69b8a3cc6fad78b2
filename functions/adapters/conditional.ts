import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb'

/** Awaits a conditional write; false when its condition refused it. */
export async function ifAllowed(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}
