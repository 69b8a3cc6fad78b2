import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  NotFoundException,
  SESv2Client,
  SESv2ServiceException,
} from '@aws-sdk/client-sesv2'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { dynamoAccountScan, dynamoDeliveries } from '../../functions/adapters/dynamo-operator.ts'
import { sesAccount } from '../../functions/adapters/ses-account.ts'
import { sqsBacklog } from '../../functions/adapters/sqs-backlog.ts'

const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' }))
const dynamoMock = mockClient(dynamo)
const ses = new SESv2Client({ region: 'eu-central-1' })
const sesMock = mockClient(ses)
const sqs = new SQSClient({ region: 'eu-central-1' })
const sqsMock = mockClient(sqs)
beforeEach(() => [dynamoMock, sesMock, sqsMock].forEach((mock) => mock.reset()))

describe('dynamoAccountScan', () => {
  it('goes on behind a key, page after page, and hides who wrote last', async () => {
    dynamoMock
      .on(ScanCommand)
      .resolvesOnce({
        Items: [{ pk: 'account/demo/b', writer: 'w' }],
        LastEvaluatedKey: { pk: 'x' },
      })
      .resolvesOnce({ Items: [{ pk: 'account/demo/c', writer: 'w' }] })
    const seen: unknown[] = []
    for await (const account of dynamoAccountScan(dynamo, 'tokens')('account/demo/a')) {
      seen.push(account)
    }
    expect(seen).toEqual([{ key: 'account/demo/b' }, { key: 'account/demo/c' }])
    const [first, second] = dynamoMock.commandCalls(ScanCommand)
    expect(first!.args[0].input).toMatchObject({
      TableName: 'tokens',
      FilterExpression: 'begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':prefix': 'account/' },
    })
    expect(second!.args[0].input.ExclusiveStartKey).toEqual({ pk: 'x' })
  })

  it('starts where it was told to', async () => {
    dynamoMock.on(ScanCommand, { ExclusiveStartKey: { pk: 'account/demo/a' } }).resolves({})
    const first = await dynamoAccountScan(
      dynamo,
      'tokens',
    )('account/demo/a')
      [Symbol.asyncIterator]()
      .next()
    expect(first.done).toBe(true)
    expect(dynamoMock.commandCalls(ScanCommand)).toHaveLength(1)
  })
})

describe('dynamoDeliveries', () => {
  it('gives the newest of those that have ended', async () => {
    dynamoMock.on(ScanCommand).resolves({
      Items: [
        { delivery: 'sent', deliveredAt: 10, reply: '250 ok' },
        { delivery: 'failed', deliveredAt: 20, reply: '550 no' },
        { delivery: 'queued' },
      ],
    })
    expect(await dynamoDeliveries(dynamo, 'challenges')()).toEqual({
      at: 20,
      state: 'failed',
      reply: '550 no',
    })
  })

  it('gives nothing where there is none', async () => {
    dynamoMock.on(ScanCommand).resolves({ Items: [{ delivery: 'queued' }] })
    expect(await dynamoDeliveries(dynamo, 'challenges')()).toBeUndefined()
  })
})

describe('sesAccount', () => {
  const meta = { message: 'no', $metadata: {} }
  const denied = { name: 'AccessDeniedException', $fault: 'client' as const, ...meta }

  it('tells whether the account may send', async () => {
    sesMock.on(GetAccountCommand).resolves({
      SendingEnabled: true,
      ProductionAccessEnabled: false,
      SendQuota: { Max24HourSend: 200, SentLast24Hours: 7 },
    })
    expect(await sesAccount(ses).state()).toEqual({
      sendingEnabled: true,
      productionAccess: false,
      dailyQuota: 200,
      sentToday: 7,
    })
  })

  it.each([
    ['verified', { VerifiedForSendingStatus: true }],
    ['unverified', { VerifiedForSendingStatus: false }],
    ['none', new NotFoundException(meta)],
    ['hidden', new SESv2ServiceException(denied)],
  ])('calls an identity %s', async (state, answer) => {
    const call = sesMock.on(GetEmailIdentityCommand, { EmailIdentity: 'example.org' })
    if (answer instanceof Error) call.rejects(answer)
    else call.resolves(answer)
    expect(await sesAccount(ses).identity('example.org')).toBe(state)
  })

  it('passes on any other failure', async () => {
    sesMock.on(GetEmailIdentityCommand).rejects(new Error('network'))
    await expect(sesAccount(ses).identity('example.org')).rejects.toThrow('network')
  })
})

describe('sqsBacklog', () => {
  const depth = (QueueUrl: string, count: string) =>
    sqsMock
      .on(GetQueueAttributesCommand, { QueueUrl })
      .resolves({ Attributes: { ApproximateNumberOfMessages: count } })

  it('counts what waits and what was given up', async () => {
    depth('deliver', '3')
    depth('dead', '2')
    expect(await sqsBacklog(sqs, { deliver: 'deliver', dead: 'dead' })()).toEqual({
      waiting: 3,
      dead: 2,
    })
  })

  it('does without the queue it does not know', async () => {
    depth('deliver', '3')
    expect(await sqsBacklog(sqs, { deliver: 'deliver', dead: undefined })()).toEqual({
      waiting: 3,
      dead: undefined,
    })
  })
})
