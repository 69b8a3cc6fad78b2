import {
  DeleteParameterCommand,
  GetParametersByPathCommand,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm'
import type { GetParametersByPathCommandOutput } from '@aws-sdk/client-ssm'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { ssmParameters } from '../../functions/adapters/ssm-parameters.ts'

const ssm = mockClient(SSMClient)
const client = new SSMClient({ region: 'eu-central-1' })
const missing = { message: 'not there', $metadata: {} }

beforeEach(() => {
  ssm.reset()
})
afterAll(() => {
  ssm.restore()
})

describe('parameters in SSM', () => {
  const parameters = ssmParameters({ client, prefix: '/otpost/test/' })

  it('are listed over all pages, named relative to their folder, secrets by version only', async () => {
    const pages: Record<string, GetParametersByPathCommandOutput> = {
      first: {
        Parameters: [
          { Name: '/otpost/test/email.port', Type: 'String', Value: '25', Version: 4 },
          {
            ...{ Name: '/otpost/test/email.password', Type: 'SecureString', Value: 'AQIC' },
            ...{ Version: 2, LastModifiedDate: new Date(1_700_000_000_123) },
          },
        ],
        NextToken: 'second',
        $metadata: {},
      },
      second: { Parameters: [], NextToken: 'third', $metadata: {} },
      third: {
        Parameters: [{ Name: '/otpost/test/realms/a', Type: 'StringList', Value: 'x,y' }],
        $metadata: {},
      },
    }
    ssm
      .on(GetParametersByPathCommand, {
        Path: '/otpost/test',
        Recursive: true,
        WithDecryption: false,
      })
      .callsFake(({ NextToken = 'first' }) => pages[NextToken])

    expect(await parameters.list()).toEqual({
      values: { 'email.port': '25', 'realms/a': 'x,y' },
      secrets: { 'email.password': 2 },
      secretsMadeAt: { 'email.password': 1_700_000_000_123 },
    })
    expect(ssm.calls()).toHaveLength(3)
  })

  it('are no partial list when a page fails', async () => {
    ssm
      .on(GetParametersByPathCommand)
      .resolvesOnce({ Parameters: [], NextToken: 'more' })
      .rejectsOnce(new Error('throttled'))
    await expect(parameters.list()).rejects.toThrow('throttled')
  })

  it.each([
    [true, 'SecureString'],
    [false, 'String'],
  ])('are set, encrypted: %s', async (secret, Type) => {
    ssm.on(PutParameterCommand).resolves({})
    await parameters.put('email.text', 'hello', secret)
    expect(ssm.call(0).args[0].input).toEqual({
      Name: '/otpost/test/email.text',
      Value: 'hello',
      Type,
      Overwrite: true,
    })
  })

  it('are removed once', async () => {
    ssm
      .on(DeleteParameterCommand, { Name: '/otpost/test/email.text' })
      .resolvesOnce({})
      .rejectsOnce(new ParameterNotFound(missing))
      .rejectsOnce(new Error('denied'))
    expect(await parameters.remove('email.text')).toBe(true)
    expect(await parameters.remove('email.text')).toBe(false)
    await expect(parameters.remove('email.text')).rejects.toThrow('denied')
  })
})
