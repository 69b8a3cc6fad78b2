import { expect, it } from 'vitest'
import { SourceBusyError, SourceFault } from '../../functions/core/user-source.ts'
import { V1_LOGIN_ROUTES } from '../../functions/http/v1/login-routes.ts'
import { VALIDATE_ROUTES } from '../../functions/http/privacyidea/validate-routes.ts'
import { answer, notFound } from '../../functions/http/privacyidea/wire.ts'
import { application } from '../../functions/http/application.ts'
import { v1 } from '../../functions/http/v1/wire.ts'
import { STAFF } from '../support/directory.ts'
import { httpClient } from '../support/http.ts'
import { createWorld } from '../support/world.ts'

it.each([
  [new SourceBusyError('Rate exceeded'), 'busy', 'warn'],
  [new SourceFault('down'), undefined, 'error'],
])('a directory that fails by %s has everybody try again later', async (fault, reason, level) => {
  const world = createWorld({ settings: STAFF })
  const fail = () => Promise.reject(fault)
  const ports = { ...world.ports, remoteUsers: { find: fail, checkPassword: fail } }
  const send = httpClient(
    application(
      ports,
      [(request) => answer(VALIDATE_ROUTES, ports, request), v1(V1_LOGIN_ROUTES, ports)],
      notFound,
    ),
  )
  const user = { user: 'alice', realm: 'staff', pass: 'x' }
  const check = await send('/validate/check', { form: user })
  expect(check.status).toBe(503)
  expect(check.json.result.error.message).toContain('please try again')
  const asked = await send('/v1/challenges', { json: { user: 'alice', realm: 'staff', pin: 'x' } })
  expect(asked.status).toBe(503)
  expect(asked.headers['retry-after']).toBe('1')
  const lines = world.lines.filter(({ message }) => message === 'request')
  expect(lines.map((line) => line.reason)).toEqual([reason, reason])
  const failed = world.lines.filter(({ message }) => message === 'request failed')
  expect(failed.map((line) => line.level)).toEqual([level, level])
})
