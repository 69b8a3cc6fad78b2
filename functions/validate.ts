import { composeValidate } from './compose.ts'
import { application } from './http/application.ts'
import { VALIDATE_ROUTES } from './http/privacyidea/validate-routes.ts'
import { answer, notFound } from './http/privacyidea/wire.ts'

const ports = composeValidate()

/** Login requests: the only function that decides whether a code is the right one. */
export const handler = application(
  ports,
  [(request) => answer(VALIDATE_ROUTES, ports, request)],
  notFound,
)
