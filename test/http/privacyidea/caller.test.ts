import { expect, it } from 'vitest'
import { issueSession } from '../../../functions/core/sign-in.ts'
import type { Role } from '../../../functions/core/session.ts'
import { ForbiddenError } from '../../../functions/http/errors.ts'
import { callerOf } from '../../../functions/http/privacyidea/caller.ts'
import type { HttpRequest } from '../../../functions/http/request.ts'
import { createWorld } from '../../support/world.ts'

const { ports } = createWorld()
const EVERY_ROLE: Role[] = ['admin', 'user', 'validate']

async function callerAs(role: Role) {
  const authorization = await issueSession(ports, { username: 'portal', role })
  const request = { headers: { authorization }, clientIp: '10.0.0.1' } as unknown as HttpRequest
  return callerOf(ports, request, EVERY_ROLE)
}

it('an API key is never taken for an administrator, whatever roles a route lists', async () => {
  await expect(callerAs('validate')).rejects.toThrow(ForbiddenError)
  expect((await callerAs('admin')).may('disable')).toBe(true)
})
