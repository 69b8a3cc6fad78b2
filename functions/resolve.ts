import middy from '@middy/core'
import { composeResolve } from './compose.ts'
import { readResolveRequest, resolveUser } from './core/resolve-user.ts'

const ports = composeResolve()

/**
 * Looks users up, and checks passwords, where they are not kept by Otpost. There is no URL: only
 * functions of Otpost may invoke it, and only where a realm names such a resolver.
 */
export const handler = middy(async (event: unknown) => {
  const request = readResolveRequest(event)
  return request ? resolveUser(ports, request) : { fault: 'This is not a question to a resolver.' }
})
