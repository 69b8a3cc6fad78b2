import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from 'aws-sdk-client-mock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cognitoUserSource } from '../../../functions/adapters/cognito-user-source.ts'
import { readDirectory } from '../../../functions/core/directory.ts'
import type { CognitoDirectory } from '../../../functions/core/directory-kinds.ts'
import { SourceBusyError, SourceFault } from '../../../functions/core/user-source.ts'
import { AwsError } from '../../../lib/local/aws-error.ts'
import { cognitoService, type CognitoUser } from '../../../lib/local/cognito.ts'
import { passwordOf, userSourceSuite } from './user-source-suite.ts'

const POOL = 'eu-central-1_AbCdEfGhI'
const CLIENT = 'abc123'
/** No names of Cognito have blanks. */
const ODD_NAME = "o'neil(x)*\\y"

const user = (username: string, attributes: object = {}, more: object = {}): CognitoUser => ({
  username,
  password: passwordOf(username),
  attributes: { sub: `sub-of-${username}`, ...attributes },
  ...more,
})
const verified = (email: string) => ({ email, email_verified: 'true' })

const USERS = [
  user('alice', {
    ...verified('alice@example.org'),
    given_name: 'Alice',
    family_name: 'Liddell',
    phone_number: '+49 30 1',
    'custom:mobile': '+49 170 1',
    locale: 'de',
  }),
  user('bob'),
  user('jörg', verified('joerg@example.org')),
  user(ODD_NAME, verified('odd@example.org')),
  user('unverified', { email: 'typed@example.org', email_verified: 'false' }),
  user('disabled', verified('disabled@example.org'), { enabled: false }),
  user('unconfirmed', verified('new@example.org'), { status: 'UNCONFIRMED' }),
  user('temporary', verified('temporary@example.org'), { status: 'FORCE_CHANGE_PASSWORD' }),
  user('reset', verified('reset@example.org'), { status: 'RESET_REQUIRED' }),
]

const config = (members: object = {}): CognitoDirectory => {
  const usual = {
    user_pool_id: POOL,
    client_id: CLIENT,
    attributes: { mobile: 'custom:mobile', email: 'email' },
  }
  const reading = readDirectory({ type: 'cognito', ...usual, ...members })
  if ('refused' in reading) throw new Error(reading.refused)
  return reading.value as CognitoDirectory
}

describe('a Cognito user pool', () => {
  let server: Server
  let client: CognitoIdentityProviderClient

  beforeAll(async () => {
    server = standIn()
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
    const { port } = server.address() as { port: number }
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
    const endpoint = `http://127.0.0.1:${port}`
    client = new CognitoIdentityProviderClient({ region: 'eu-central-1', endpoint, credentials })
  })
  afterAll(() => server.close())

  const source = (members?: object) => cognitoUserSource(config(members), client)

  userSourceSuite(() => source(), ODD_NAME)

  it('gives no address that Cognito has not verified, unless it shall', async () => {
    expect((await source().find('unverified'))!.email).toEqual([])
    const trusting = source({ unverified: true })
    expect((await trusting.find('unverified'))!.email).toEqual(['typed@example.org'])
  })

  it.each(['disabled', 'unconfirmed'])('does not know a user who is %s', async (login) => {
    expect(await source().find(login)).toBeUndefined()
    expect(await source().checkPassword(login, passwordOf(login))).toBe(false)
  })

  it.each(['temporary', 'reset'])('takes no password that is %s', async (login) => {
    expect(await source().find(login)).toBeDefined()
    expect(await source().checkPassword(login, passwordOf(login))).toBe(false)
  })

  it('lists in pages, up to its limit', async () => {
    const listed = await source({ size_limit: 3 }).list('')
    expect(listed.users).toHaveLength(3)
    expect(listed.more).toBe(true)
  })

  it('is a fault for a pool that does not exist', async () => {
    const other = source({ user_pool_id: 'eu-central-1_Other' })
    await expect(other.find('alice')).rejects.toThrow('ResourceNotFoundException')
    await expect(other.checkPassword('alice', 'x')).rejects.toThrow(SourceFault)
    await expect(other.list('')).rejects.toThrow(SourceFault)
  })

  it('is a fault for passwords without an app client', async () => {
    await expect(source({ client_id: '' }).checkPassword('alice', 'x')).rejects.toThrow('client_id')
  })
})

describe('what Cognito is asked', () => {
  const mocked = new CognitoIdentityProviderClient({ region: 'eu-central-1' })
  const mock = mockClient(mocked)
  const source = () => cognitoUserSource(config(), mocked)

  it('is one user by name', async () => {
    mock.reset()
    mock.on(AdminGetUserCommand).resolves({ Username: 'alice', Enabled: true })
    await source().find('alice')
    expect(mock.commandCalls(AdminGetUserCommand).map(({ args }) => args[0].input)).toEqual([
      { UserPoolId: POOL, Username: 'alice' },
    ])
  })

  it('is a password once, of the name as the pool spells it', async () => {
    mock.reset()
    mock.on(AdminGetUserCommand).resolves({ Username: 'alice', Enabled: true })
    mock.on(InitiateAuthCommand).resolves({ ChallengeName: 'SOFTWARE_TOKEN_MFA' })
    expect(await source().checkPassword('ALICE', 'secret')).toBe(true)
    expect(mock.commandCalls(InitiateAuthCommand).map(({ args }) => args[0].input)).toEqual([
      {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: CLIENT,
        AuthParameters: { USERNAME: 'alice', PASSWORD: 'secret' },
      },
    ])
  })

  it('is no password of whoever took the name for an alias', async () => {
    mock.reset()
    mock.on(AdminGetUserCommand).resolves({ Username: 'mallory', Enabled: true })
    mock.on(InitiateAuthCommand).resolves({ AuthenticationResult: {} })
    expect(await source().checkPassword('bob', 'mallory-secret')).toBe(false)
    expect(mock.commandCalls(InitiateAuthCommand)).toEqual([])
  })

  it('is never an empty password', async () => {
    mock.reset()
    expect(await source().checkPassword('alice', '')).toBe(false)
    expect(mock.calls()).toEqual([])
  })

  it('is quoted in a filter', async () => {
    mock.reset()
    mock.on(ListUsersCommand).resolves({ Users: [] })
    await source().list('a" or \\')
    const [call] = mock.commandCalls(ListUsersCommand)
    expect(call!.args[0].input.Filter).toBe('username ^= "a\\" or \\\\"')
  })

  it.each([
    ['TooManyRequestsException', true],
    ['LimitExceededException', true],
    ['ThrottlingException', true],
    ['InternalErrorException', false],
  ])('is none at %s, and may be asked for in a moment: %s', async (name, busy) => {
    mock.reset()
    mock.on(AdminGetUserCommand).rejects(Object.assign(new Error('Rate exceeded'), { name }))
    const fault = await source()
      .find('alice')
      .catch((error: Error) => error)
    expect(fault).toBeInstanceOf(SourceFault)
    expect(fault instanceof SourceBusyError).toBe(busy)
  })

  it('is a fault when it throttles, without the password', async () => {
    mock.reset()
    mock.on(AdminGetUserCommand).resolves({ Username: 'alice', Enabled: true })
    mock
      .on(InitiateAuthCommand)
      .rejects(Object.assign(new Error('Rate exceeded'), { name: 'TooManyRequestsException' }))
    const fault = await source()
      .checkPassword('alice', 'top-secret')
      .catch((error: Error) => error)
    expect(fault).toBeInstanceOf(SourceFault)
    expect(String(fault)).not.toContain('top-secret')
  })
})

/** Cognito's endpoint over the stand-in of the local stack. */
function standIn(): Server {
  const service = cognitoService({
    pools: new Map([[POOL, USERS]]),
    clients: new Map([[CLIENT, POOL]]),
  })
  return createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1]!
    let status = 200
    let body: unknown
    try {
      body = await service.call(operation, JSON.parse(await text(request)))
    } catch (error) {
      if (!(error instanceof AwsError)) throw error
      status = error.status
      body = { __type: error.type, message: error.message }
    }
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(body))
  })
}
