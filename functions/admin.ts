import { composeAdmin } from './compose.ts'
import { application } from './http/application.ts'
import { AUTH_ROUTES } from './http/privacyidea/auth-routes.ts'
import { TOKEN_ROUTES } from './http/privacyidea/token-routes.ts'
import { USER_ROUTES } from './http/privacyidea/user-routes.ts'
import { answer, notFound } from './http/privacyidea/wire.ts'

const ports = composeAdmin()
const ROUTES = [...AUTH_ROUTES, ...TOKEN_ROUTES, ...USER_ROUTES]

/** Administration: sessions, tokens and users. The only HTTP function that may create a token. */
export const handler = application(ports, [(request) => answer(ROUTES, ports, request)], notFound)
