/** What each kind of resource is called on the laptop. */
import { ACCOUNT } from './cfn.ts'
import type { Identify, Identity } from './cfn.ts'

/** Property that holds a physical name, by type; the logical id serves where it is not set. */
const NAME_PROPERTY: Record<string, string> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Events::Rule': 'Name',
  'AWS::SES::ConfigurationSet': 'Name',
  'AWS::SES::EmailIdentity': 'EmailIdentity',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::KMS::Alias': 'AliasName',
  'AWS::Logs::LogGroup': 'LogGroupName',
}

/** Identities that point at this endpoint and, once it is known, this API. */
export function identifier(region: string, endpoint: string, api: () => string): Identify {
  const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`

  return ({ id, type, properties }, resolve): Identity => {
    const property = NAME_PROPERTY[type]
    const name: string = (property && resolve(properties[property])) ?? id
    switch (type) {
      case 'AWS::DynamoDB::Table':
        return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } }
      case 'AWS::Lambda::Function':
        return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } }
      case 'AWS::SQS::Queue': {
        const url = `${endpoint}/${ACCOUNT}/${name}`
        const attributes = { Arn: arn('sqs', name), QueueName: name, QueueUrl: url }
        return { ref: url, attributes }
      }
      case 'AWS::KMS::Key':
        return { ref: id, attributes: { Arn: arn('kms', `key/${id}`), KeyId: id } }
      case 'AWS::ApiGatewayV2::Api':
        return { ref: id, attributes: { ApiId: id, ApiEndpoint: api() } }
      case 'AWS::SNS::Topic':
        return {
          ref: arn('sns', name),
          attributes: { TopicArn: arn('sns', name), TopicName: name },
        }
    }
    const service = type.split('::')[1]!.toLowerCase()
    return { ref: name, attributes: { Arn: arn(service, name), Name: name } }
  }
}
