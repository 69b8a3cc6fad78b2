import { DescribeTableCommand, PutItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb'
import {
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { GetAccountCommand, GetEmailIdentityCommand, SendEmailCommand } from '@aws-sdk/client-sesv2'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import { createTransport } from 'nodemailer'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startStack } from '../../../lib/local/stack.ts'
import type { LocalStack } from '../../../lib/local/stack.ts'
import { clients } from './clients.ts'
import { writeFixture } from './fixture.ts'

let stack: LocalStack
let aws: ReturnType<typeof clients>
const lines: string[] = []

beforeAll(async () => {
  const log = (line: string) => void lines.push(line)
  stack = await startStack({ data: 'memory', synthesized: writeFixture(), log })
  aws = clients(stack.endpoint)
})
afterAll(() => stack.stop())
afterEach(() => stack.faults.clear())

describe('SSM', () => {
  const Name = (name: string) => `/otpost/local/${name}`

  test('keeps a secret encrypted until it is asked for in the clear', async () => {
    const put = { Name: Name('email.password'), Value: 'hunter2', Type: 'SecureString' as const }
    await aws.ssm.send(new PutParameterCommand(put))
    const read = (WithDecryption: boolean) =>
      aws.ssm.send(new GetParameterCommand({ Name: put.Name, WithDecryption }))
    expect((await read(true)).Parameter).toMatchObject({ Value: 'hunter2', Type: 'SecureString' })
    expect((await read(false)).Parameter!.Value).toMatch(/^[\w+/]{40,}=*$/)
  })

  test('overwrites only when told to, counting versions', async () => {
    const put = { Name: Name('versioned'), Value: '1', Type: 'String' as const }
    await aws.ssm.send(new PutParameterCommand(put))
    await expect(aws.ssm.send(new PutParameterCommand(put))).rejects.toMatchObject({
      name: 'ParameterAlreadyExists',
    })
    const { Version } = await aws.ssm.send(new PutParameterCommand({ ...put, Overwrite: true }))
    expect(Version).toBe(2)
  })

  test('pages a tree by ten', async () => {
    const patch = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`tree/n${i}`, 'x']))
    await stack.parameters.set(patch)
    const sizes: number[] = []
    let NextToken: string | undefined
    do {
      const page = await aws.ssm.send(
        new GetParametersByPathCommand({ Path: Name('tree'), Recursive: true, NextToken }),
      )
      sizes.push(page.Parameters!.length)
      NextToken = page.NextToken
    } while (NextToken)
    expect(sizes).toEqual([10, 10, 3])
    const flat = await aws.ssm.send(new GetParametersByPathCommand({ Path: '/otpost/local/' }))
    expect(flat.Parameters!.some((one) => one.Name!.includes('tree/'))).toBe(false)
  })

  test('names what is not there', async () => {
    await stack.parameters.set({ there: '1' })
    const Names = [Name('there'), Name('gone')]
    const got = await aws.ssm.send(new GetParametersCommand({ Names }))
    expect(got).toMatchObject({
      Parameters: [{ Name: Names[0] }],
      InvalidParameters: [Names[1]],
    })
    const deleted = await aws.ssm.send(new DeleteParametersCommand({ Names }))
    expect(deleted).toMatchObject({
      DeletedParameters: [Names[0]],
      InvalidParameters: [Names[1]],
    })
    await expect(
      aws.ssm.send(new DeleteParameterCommand({ Name: Names[0] })),
    ).rejects.toMatchObject({ name: 'ParameterNotFound' })
  })

  test('starts the functions that follow a parameter', async () => {
    lines.length = 0
    const put = { Name: Name('followed'), Value: '1', Type: 'String' as const }
    await aws.ssm.send(new PutParameterCommand(put))
    await expect.poll(() => lines.join()).toContain('"changed":"/otpost/local/followed"')
  })
})

describe('KMS', () => {
  const KeyId = 'arn:aws:kms:us-east-1:000000000000:key/Key'
  const EncryptionContext = { purpose: 'pin', stage: 'local' }

  test('opens a data key in its own context only', async () => {
    const made = await aws.kms.send(
      new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }),
    )
    const { CiphertextBlob } = made
    const opened = await aws.kms.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { stage: 'local', purpose: 'pin' } }),
    )
    expect(opened.Plaintext).toEqual(made.Plaintext)
    expect(opened.Plaintext).toHaveLength(32)
    for (const other of [{ ...EncryptionContext, purpose: 'answer' }, undefined]) {
      await expect(
        aws.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: other })),
      ).rejects.toMatchObject({ name: 'InvalidCiphertextException' })
    }
  })

  test('makes a data key without showing it', async () => {
    const made = await aws.kms.send(
      new GenerateDataKeyWithoutPlaintextCommand({ KeyId: 'Key', NumberOfBytes: 64 }),
    )
    expect(made).not.toHaveProperty('Plaintext')
    const { CiphertextBlob } = made
    const opened = await aws.kms.send(new DecryptCommand({ KeyId: 'Key', CiphertextBlob }))
    expect(opened.Plaintext).toHaveLength(64)
  })

  test('refuses what was tampered with', async () => {
    const { CiphertextBlob } = await aws.kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }),
    )
    CiphertextBlob![CiphertextBlob!.length - 1]! ^= 1
    await expect(aws.kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    })
  })

  test('knows its own keys and operations only', async () => {
    await expect(
      aws.kms.send(new EncryptCommand({ KeyId: 'other', Plaintext: Buffer.from('x') })),
    ).rejects.toMatchObject({ name: 'NotFoundException' })
    await expect(aws.kms.send(new ListKeysCommand())).rejects.toMatchObject({
      name: 'UnknownOperationException',
    })
  })
})

describe('SQS', () => {
  const QueueName = 'Dead'
  const url = async () => (await aws.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl!

  test('sends, receives, hides and forgets', async () => {
    const QueueUrl = await url()
    await aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }))
    const Entries = [{ Id: 'a', MessageBody: 'two' }]
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    const { Messages } = await aws.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    )
    expect(Messages!.map(({ Body }) => Body)).toEqual(['one', 'two'])
    const [first, second] = Messages!.map(({ ReceiptHandle }) => ReceiptHandle)
    await aws.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first }))
    await aws.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl,
        ReceiptHandle: second,
        VisibilityTimeout: 0,
      }),
    )
    const { Attributes } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    )
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '0',
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:Dead',
    })
    stack.queues.get(QueueName)!.purge()
  })

  test('has no other queues', async () => {
    await expect(aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'none' }))).rejects.toMatchObject(
      { name: 'QueueDoesNotExist' },
    )
  })

  test('starts a function, and puts what keeps failing aside', async () => {
    const QueueUrl = (await aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'Queue' }))).QueueUrl!
    const Entries = ['fail', 'good'].map((text) => ({ Id: text, MessageBody: text }))
    await aws.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    await stack.waitForMail(({ subject }) => subject === 'good', 20_000)
    const dead = stack.queues.get('Dead')!
    const [aside] = await dead.receiveWithin(20_000, 1)
    expect(aside).toMatchObject({ body: 'fail' })
    expect(stack.queues.get('Queue')!.messages).toEqual([])
    expect(stack.messages().filter(({ subject }) => subject === 'good')).toHaveLength(1)
  })
})

describe('mail', () => {
  test('sent through SES arrives as it was written', async () => {
    const source = [
      'From: Otpost <otpost@mail.example>',
      'To: Alice <alice@mail.example>',
      'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<b>Hello</b>',
    ].join('\r\n')
    const { MessageId } = await aws.ses.send(
      new SendEmailCommand({ Content: { Raw: { Data: Buffer.from(source) } } }),
    )
    expect(stack.messages()[0]).toMatchObject({
      id: MessageId,
      from: 'otpost@mail.example',
      to: ['alice@mail.example'],
      subject: 'Grüße',
      html: '<b>Hello</b>',
      raw: source,
    })
  })

  test('sent over SMTP arrives, with or without a password', async () => {
    for (const auth of [undefined, { user: 'any', pass: 'any' }]) {
      const transport = createTransport({ ...stack.smtp, secure: false, auth })
      const subject = auth ? 'with' : 'without'
      const arriving = stack.waitForMail((mail) => mail.subject === subject)
      await transport.sendMail({
        from: '"Otpost" <otpost@mail.example>',
        to: 'alice@mail.example',
        bcc: 'hidden@mail.example',
        subject,
        text: 'Hello',
      })
      expect(await arriving).toMatchObject({
        from: 'otpost@mail.example',
        to: ['alice@mail.example', 'hidden@mail.example'],
        html: null,
      })
      expect((await arriving).text.trim()).toBe('Hello')
    }
  })

  test('that never comes is not waited for in vain', async () => {
    await expect(stack.waitForMail(() => false, 20)).rejects.toThrow('within 20 ms')
  })

  test('can be sent, as far as a health check asks', async () => {
    expect(await aws.ses.send(new GetAccountCommand())).toMatchObject({ SendingEnabled: true })
    const EmailIdentity = 'mail.example'
    expect(await aws.ses.send(new GetEmailIdentityCommand({ EmailIdentity }))).toMatchObject({
      VerifiedForSendingStatus: true,
      IdentityType: 'DOMAIN',
    })
  })
})

describe('Lambda', () => {
  const invoke = (FunctionName: string, event: object) =>
    aws.lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }))

  test('invokes by name and by ARN', async () => {
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:otpost-local-operator'
    for (const name of ['otpost-local-operator', arn]) {
      const { Payload, FunctionError } = await invoke(name, { command: 'seed' })
      expect(JSON.parse(Payload!.transformToString())).toEqual({ ok: true, value: { users: 1 } })
      expect(FunctionError).toBeUndefined()
    }
  })

  test('says that a function failed, and how', async () => {
    const { Payload, FunctionError } = await invoke('otpost-local-echo', { rawPath: '/fail' })
    expect(FunctionError).toBe('Unhandled')
    expect(JSON.parse(Payload!.transformToString())).toMatchObject({
      errorType: 'TypeError',
      errorMessage: 'broken',
    })
  })

  test('has no other functions', async () => {
    await expect(invoke('none', {})).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})

describe('a planted fault', () => {
  const TableName = 'Tokens'
  const put = (text: string) =>
    aws.dynamodb.send(new PutItemCommand({ TableName, Item: { key: { S: text } } }))
  const stored = async (text: string) =>
    (await aws.dynamodb.send(new GetItemCommand({ TableName, Key: { key: { S: text } } }))).Item

  test('loses the reply of a write that was made', async () => {
    const fault = stack.faults.add({
      service: 'dynamodb',
      operation: 'PutItem',
      match: ({ Item }) => Item.key.S === 'lost',
      effect: 'lost-reply',
    })
    await put('other')
    expect(fault.struck).toBe(0)
    await expect(put('lost')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(fault.struck).toBe(1)
    expect(await stored('lost')).toBeDefined()
    await put('lost')
  })

  test('resets before anything is done, as often as planted', async () => {
    stack.faults.add({ service: 'dynamodb', effect: 'reset' }, 2)
    await expect(put('reset')).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(put('reset')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await stored('reset')).toBeUndefined()
  })

  test('throttles in the words of the service', async () => {
    stack.faults.add({ service: 'dynamodb', effect: 'throttle' })
    await expect(put('x')).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
    })
  })

  test('fails with a status and a type', async () => {
    const effect = { status: 503, type: 'ServiceUnavailable' }
    stack.faults.add({ service: 'sqs', operation: 'GetQueueUrl', effect })
    await expect(
      aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'Queue' })),
    ).rejects.toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } })
  })

  test('never answers, until the client gives up', async () => {
    stack.faults.add({ service: 'dynamodb', effect: 'timeout' })
    const abortSignal = AbortSignal.timeout(50)
    await expect(
      aws.dynamodb.send(new DescribeTableCommand({ TableName }), { abortSignal }),
    ).rejects.toMatchObject({ name: 'AbortError' })
  })
})

test('the endpoint does not serve web pages', async () => {
  const path = `${stack.endpoint}/2015-03-31/functions/otpost-local-operator/invocations`
  const origin = { headers: { origin: 'https://evil.example' }, body: '{}', method: 'POST' }
  expect((await fetch(path, origin)).status).toBe(403)
})
