/** AWS clients that talk to a local stack. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { SQSClient } from '@aws-sdk/client-sqs'
import { SSMClient } from '@aws-sdk/client-ssm'

export function clients(endpoint: string) {
  const options = {
    endpoint,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  return {
    dynamodb: new DynamoDBClient(options),
    kms: new KMSClient(options),
    lambda: new LambdaClient(options),
    ses: new SESv2Client(options),
    sqs: new SQSClient(options),
    ssm: new SSMClient(options),
  }
}
