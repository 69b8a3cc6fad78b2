import { composeValidate } from './compose.ts'
import { application } from './http/application.ts'
import { LINOTP_VALIDATE_ROUTES } from './http/linotp/validate-routes.ts'
import { answerLinotp } from './http/linotp/wire.ts'
import { VALIDATE_ROUTES } from './http/privacyidea/validate-routes.ts'
import { answer, notFound } from './http/privacyidea/wire.ts'
import { V1_LOGIN_ROUTES } from './http/v1/login-routes.ts'
import { v1 } from './http/v1/wire.ts'

const ports = composeValidate()

/** Login requests: the only function that decides whether a code is the right one. */
export const handler = application(
  ports,
  [
    (request) => answer(VALIDATE_ROUTES, ports, request),
    (request) => answerLinotp(LINOTP_VALIDATE_ROUTES, ports, request),
    v1(V1_LOGIN_ROUTES, ports),
  ],
  notFound,
)
