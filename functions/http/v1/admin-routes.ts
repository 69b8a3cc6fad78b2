import { jsonReply } from '../reply.ts'
import type { AdminPorts } from './admin-ports.ts'
import { V1_LOGIN_ROUTES } from './login-routes.ts'
import { openApiDocument } from './openapi.ts'
import { MAIL_SENDER_OPERATIONS } from './mail-sender.ts'
import { type Operation, operation } from './operation.ts'
import { PROVIDER_OPERATIONS } from './providers.ts'
import { listAuditOperation, listDeliveriesOperation } from './records.ts'
import { V1_SELF_ROUTES } from './self/routes.ts'
import { createSession } from './sessions.ts'
import { TEMPLATE_OPERATIONS } from './templates.ts'
import {
  allowTokenAddress,
  changeToken,
  deleteTokenOperation,
  resetToken,
  revokeToken,
} from './token-changes.ts'
import { createToken, listTokensOperation, readToken } from './tokens.ts'
import { USER_ADDRESS_OPERATIONS } from './user-address.ts'
import { changeUser, createUser, deleteUser, listUsers, readUser } from './users.ts'

/** Served where the administration is, so that the login function need not carry all of it. */
const readDocument = operation({
  id: 'readDocument',
  method: 'GET',
  path: '/v1/openapi.json',
  tag: 'Service',
  summary: 'This document',
  access: 'open',
  replies: { 200: { description: 'OpenAPI 3.1.', schema: { type: 'object' } } },
  handle: async () => jsonReply(200, v1Document()),
})

/** What administration needs of `/v1`, and the description of all of it. */
export const V1_ADMIN_ROUTES: readonly Operation<AdminPorts>[] = [
  createSession,
  createUser,
  listUsers,
  readUser,
  changeUser,
  deleteUser,
  ...USER_ADDRESS_OPERATIONS,
  createToken,
  listTokensOperation,
  readToken,
  changeToken,
  resetToken,
  revokeToken,
  allowTokenAddress,
  deleteTokenOperation,
  ...PROVIDER_OPERATIONS,
  ...TEMPLATE_OPERATIONS,
  ...MAIL_SENDER_OPERATIONS,
  listAuditOperation,
  listDeliveriesOperation,
  readDocument,
]

/** The OpenAPI document of all of `/v1`. */
export const v1Document = () =>
  openApiDocument([...V1_LOGIN_ROUTES, ...V1_SELF_ROUTES, ...V1_ADMIN_ROUTES])
