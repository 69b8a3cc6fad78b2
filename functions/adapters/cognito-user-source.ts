/** Users of an Amazon Cognito user pool. */
import {
  AdminGetUserCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  InitiateAuthCommand,
  ListUsersCommand,
  NotAuthorizedException,
  PasswordResetRequiredException,
  UserNotConfirmedException,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider'
import type { CognitoDirectory } from '../core/directory-kinds.ts'
import {
  isLogin,
  SourceBusyError,
  SourceFault,
  type SourceUser,
  UnanswerableError,
  type UserSource,
} from '../core/user-source.ts'
import { isNamed, sourceUser } from './source-user.ts'

/** What Cognito takes as a name. */
const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u
/** The most users of one page. */
const PAGE = 60
const LOGIN = 'cognito:username'

type Found = {
  Username?: string | undefined
  Enabled?: boolean | undefined
  UserStatus?: string | undefined
}

/**
 * Asks by `AdminGetUser` and `ListUsers`; passwords by `USER_PASSWORD_AUTH` of an app client without
 * a secret, whose tokens are thrown away.
 */
export function cognitoUserSource(
  directory: CognitoDirectory,
  client: CognitoIdentityProviderClient,
): UserSource {
  const { userPoolId: UserPoolId, clientId: ClientId, unverified, attributes } = directory

  function userOf(found: Found, listed: AttributeType[] = [], login: string) {
    const { Username = '', Enabled, UserStatus } = found
    if (Enabled === false || UserStatus === 'ARCHIVED' || UserStatus === 'UNCONFIRMED') {
      return undefined
    }
    const given = listed.flatMap(({ Name, Value }) => (Name && Value ? [[Name, Value]] : []))
    const values = new Map<string, string[]>([[LOGIN, [Username]]])
    for (const [name, value] of given) values.set(name!.toLowerCase(), [value!])
    // anybody may write any address into their own profile
    if (!unverified && values.get('email_verified')?.[0] !== 'true') values.delete('email')
    return sourceUser(values, { attributes, loginAttribute: LOGIN, login, id: Username })
  }

  async function find(login: string): Promise<SourceUser | undefined> {
    if (!isLogin(login) || !NAME.test(login)) return undefined
    try {
      const found = await client.send(new AdminGetUserCommand({ UserPoolId, Username: login }))
      return userOf(found, found.UserAttributes, login)
    } catch (error) {
      if (error instanceof UserNotFoundException) return undefined
      throw faultOf(error)
    }
  }

  return {
    find,

    async checkPassword(login, PASSWORD) {
      if (PASSWORD === '') return false
      if (ClientId === '') throw new UnanswerableError('The resolver has no client_id.')
      const user = await find(login)
      if (!user || !isNamed(user, login)) return false
      try {
        const { AuthenticationResult, ChallengeName } = await client.send(
          new InitiateAuthCommand({
            AuthFlow: 'USER_PASSWORD_AUTH',
            ClientId,
            AuthParameters: { USERNAME: user.login, PASSWORD },
          }),
        )
        // what else Cognito would ask for comes behind the password, except for a new one
        return AuthenticationResult !== undefined || FURTHER.has(ChallengeName ?? '')
      } catch (error) {
        if (WRONG.some((wrong) => error instanceof wrong)) return false
        throw faultOf(error)
      }
    },

    async list(prefix) {
      const users: SourceUser[] = []
      const { sizeLimit } = directory
      let PaginationToken: string | undefined
      try {
        do {
          const page = await client.send(
            new ListUsersCommand({
              UserPoolId,
              Limit: Math.min(PAGE, sizeLimit),
              ...(prefix ? { Filter: `username ^= "${escaped(prefix)}"` } : {}),
              ...(PaginationToken ? { PaginationToken } : {}),
            }),
          )
          for (const found of page.Users ?? []) {
            const user = userOf(found, found.Attributes, '')
            if (user) users.push(user)
          }
          PaginationToken = page.PaginationToken
        } while (PaginationToken && users.length < sizeLimit)
      } catch (error) {
        throw faultOf(error)
      }
      const more = PaginationToken !== undefined || users.length > sizeLimit
      return { users: users.slice(0, sizeLimit), more }
    },
  }
}

const WRONG = [
  NotAuthorizedException,
  UserNotFoundException,
  UserNotConfirmedException,
  PasswordResetRequiredException,
]
const FURTHER = new Set([
  'SMS_MFA',
  'EMAIL_OTP',
  'SMS_OTP',
  'SOFTWARE_TOKEN_MFA',
  'SELECT_MFA_TYPE',
  'MFA_SETUP',
])

const escaped = (text: string) => text.replace(/["\\]/g, '\\$&')

/** What is no fault of the pool; limits of AWS are met by everybody's questions together. */
const FAULTS: Readonly<Record<string, typeof SourceFault>> = {
  InvalidParameterException: UnanswerableError,
  TooManyRequestsException: SourceBusyError,
  LimitExceededException: SourceBusyError,
  ThrottlingException: SourceBusyError,
}

/** The name of the error, and its words: they are about the request, never about a password. */
function faultOf(error: unknown): SourceFault {
  if (error instanceof SourceFault) return error
  const { name, message } = error as Error
  return new (FAULTS[name] ?? SourceFault)(`Cognito failed: ${name}: ${message}`.slice(0, 300))
}
