/** Forwards DynamoDB operations to another engine, such as DynamoDB Local. */
import { AwsError } from './aws-error.ts'
import type { Body } from './dynalite.ts'
import type { Dynamo } from './dynamo.ts'

// Stand-in engines ask for the header and do not check what is in it.
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, ' +
  'SignedHeaders=host, Signature=local'

/** The engine at the endpoint, which is left running on close. */
export function remoteDynamo(endpoint: string): Dynamo {
  return {
    call: (operation, body) => forward(endpoint, operation, body),
    close: async () => {},
  }
}

async function forward(endpoint: string, operation: string, body: Body): Promise<Body> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: AUTHORIZATION,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': '20260101T000000Z',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    },
    body: JSON.stringify(body),
  })
  const reply = (await response.json()) as Body
  if (response.ok) return reply
  const { __type: type, message, Message, ...members } = reply
  throw new AwsError(type, message ?? Message ?? '', members, response.status)
}
