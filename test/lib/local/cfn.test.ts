import { describe, expect, test } from 'vitest'
import { Templates, UnresolvedError } from '../../../lib/local/cfn.ts'
import { identifier } from '../../../lib/local/identity.ts'

const identify = identifier('eu-west-1', 'http://aws', () => 'http://api')

function resolve(value: unknown): unknown {
  const service = {
    Resources: {
      Probe: { Type: 'Probe::Probe::Probe', Properties: { value } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
      Table: { Type: 'AWS::DynamoDB::Table' },
      Api: { Type: 'AWS::ApiGatewayV2::Api' },
    },
  }
  const data = {
    Resources: { Key: { Type: 'AWS::KMS::Key' } },
    Outputs: {
      Plain: { Value: 'ignored' },
      Key: {
        Value: { 'Fn::GetAtt': ['Key', 'Arn'] },
        Export: { Name: { 'Fn::Sub': '${AWS::StackName}:key' } },
      },
    },
  }
  const stacks = [
    { stack: 'data', template: data },
    { stack: 'service', template: service },
  ]
  return new Templates(stacks, 'eu-west-1', identify).ofType('Probe::Probe::Probe')[0]!.get('value')
}

describe('a reference', () => {
  test.each([
    [{ Ref: 'Table' }, 'Table'],
    [{ Ref: 'Queue' }, 'http://aws/000000000000/jobs'],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ Ref: 'AWS::StackName' }, 'service'],
    [{ 'Fn::GetAtt': ['Queue', 'QueueName'] }, 'jobs'],
    [{ 'Fn::GetAtt': 'Queue.Arn' }, 'arn:aws:sqs:eu-west-1:000000000000:jobs'],
    [{ 'Fn::GetAtt': ['Api', 'ApiEndpoint'] }, 'http://api'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Table' }]] }, 'a-Table'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b'] }] }, 'b'],
    [{ 'Fn::Sub': '${Table}/${Queue.QueueName}/${!Table}' }, 'Table/jobs/${Table}'],
    [{ 'Fn::Sub': ['${x}-${AWS::Region}', { x: { Ref: 'Table' } }] }, 'Table-eu-west-1'],
    [{ 'Fn::ImportValue': 'data:key' }, 'arn:aws:kms:eu-west-1:000000000000:key/Key'],
  ])('%j is %j', (reference, expected) => {
    expect(resolve({ deep: [reference] })).toEqual({ deep: [expected] })
  })

  test('to nothing leaves its property out', () => {
    expect(resolve({ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] })).toEqual({
      b: [1],
    })
  })

  test.each([
    [{ 'Fn::If': ['a', 1, 2] }, 'service/Probe: Fn::If is not offered'],
    [{ Ref: 'Nobody' }, 'service/Probe: there is no resource Nobody'],
    [{ 'Fn::GetAtt': ['Table', 'Size'] }, 'the attribute Size of Table'],
    [{ 'Fn::ImportValue': 'nothing' }, 'no stack exports nothing'],
  ])('%j is refused with the name of its resource', (reference, message) => {
    expect(() => resolve(reference)).toThrow(UnresolvedError)
    expect(() => resolve(reference)).toThrow(message)
  })
})
