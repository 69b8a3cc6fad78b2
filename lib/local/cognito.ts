/**
 * Cognito user pools over users in memory: the operations by which Otpost asks for users and
 * passwords, as Cognito answers them.
 */
import { AwsError, unknownOperation } from './aws-error.ts'
import type { JsonService } from './aws-endpoint.ts'

type Json = Record<string, any>

export type CognitoUser = {
  username: string
  password: string
  attributes: Record<string, string>
  enabled?: boolean
  status?: string
}

/** Users by pool, and the pool of each app client. */
export type CognitoPools = {
  pools: Map<string, CognitoUser[]>
  clients: Map<string, string>
}

const error = (code: string, message: string) => new AwsError(code, message)
const notFound = () => error('UserNotFoundException', 'User does not exist.')
const notAuthorized = () => error('NotAuthorizedException', 'Incorrect username or password.')

export function cognitoService({ pools, clients }: CognitoPools): JsonService {
  function usersOf(pool: string): CognitoUser[] {
    const users = pools.get(pool)
    if (users) return users
    throw error('ResourceNotFoundException', `User pool ${pool} does not exist.`)
  }
  const named = (users: CognitoUser[], name: string) =>
    users.find(({ username }) => username === name)

  const operations: Record<string, (body: Json) => Json> = {
    AdminGetUser({ UserPoolId, Username }) {
      const user = named(usersOf(UserPoolId), Username)
      if (!user) throw notFound()
      const { attributes, ...shown } = rendered(user)
      return { ...shown, UserAttributes: attributes }
    },

    ListUsers({ UserPoolId, Filter, Limit = 60, PaginationToken }) {
      const fits = filterOf(Filter)
      const found = usersOf(UserPoolId).filter(({ username }) => fits(username))
      const from = Number(PaginationToken ?? 0)
      const to = from + Limit
      const Users = found.slice(from, to).map((user) => {
        const { attributes, ...shown } = rendered(user)
        return { ...shown, Attributes: attributes }
      })
      return { Users, ...(to < found.length ? { PaginationToken: String(to) } : {}) }
    },

    InitiateAuth({ AuthFlow, ClientId, AuthParameters }) {
      if (AuthFlow !== 'USER_PASSWORD_AUTH') {
        throw error('InvalidParameterException', `${AuthFlow} is not enabled for the client.`)
      }
      const pool = clients.get(ClientId)
      if (!pool) throw error('ResourceNotFoundException', `Client ${ClientId} does not exist.`)
      const { USERNAME, PASSWORD } = AuthParameters as Record<string, string>
      const user = named(usersOf(pool), USERNAME!)
      if (!user || user.password !== PASSWORD || user.enabled === false) throw notAuthorized()
      if (user.status === 'RESET_REQUIRED') {
        throw error('PasswordResetRequiredException', 'Password reset required for the user')
      }
      if (user.status === 'FORCE_CHANGE_PASSWORD') {
        return { ChallengeName: 'NEW_PASSWORD_REQUIRED', ChallengeParameters: {}, Session: 'local' }
      }
      return { AuthenticationResult: { ExpiresIn: 3600, TokenType: 'Bearer' } }
    },
  }
  return {
    call(operation, body) {
      const perform = operations[operation]
      if (!perform) throw unknownOperation('cognito-idp', operation)
      return perform(body)
    },
  }
}

function rendered({ username, attributes, enabled = true, status = 'CONFIRMED' }: CognitoUser) {
  const list = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))
  return { Username: username, Enabled: enabled, UserStatus: status, attributes: list }
}

/** `username = "…"` and `username ^= "…"`, with quotes and backslashes escaped. */
function filterOf(filter: string | undefined): (username: string) => boolean {
  if (filter === undefined) return () => true
  const [, operator, quoted] = /^username (\^?=) "((?:[^"\\]|\\.)*)"$/s.exec(filter) ?? []
  if (quoted === undefined) throw error('InvalidParameterException', 'Error while parsing filter.')
  const value = quoted.replace(/\\(.)/gs, '$1')
  return (username) => (operator === '=' ? username === value : username.startsWith(value))
}
