import type { Operation } from '../operation.ts'
import { confirmOwnAddress, forgetPendingAddress, requestOwnAddress } from './address.ts'
import { disputeAddress } from './disputes.ts'
import { listOwnLogins } from './logins.ts'
import { readSelf } from './me.ts'
import {
  createOwnToken,
  disableOwnToken,
  enableOwnToken,
  listOwnTokens,
  revokeOwnToken,
} from './own-tokens.ts'
import { changeOwnPin } from './pin.ts'
import type { SelfPorts } from './ports.ts'
import { createSelfSession, endAllSessions, endCurrentSession, reauthenticate } from './sessions.ts'
import { endTest, startTest } from './token-tests.ts'

/** What people do with what is their own. */
export const V1_SELF_ROUTES: readonly Operation<SelfPorts>[] = [
  createSelfSession,
  endCurrentSession,
  endAllSessions,
  reauthenticate,
  readSelf,
  listOwnTokens,
  createOwnToken,
  startTest,
  endTest,
  enableOwnToken,
  disableOwnToken,
  revokeOwnToken,
  changeOwnPin,
  requestOwnAddress,
  confirmOwnAddress,
  forgetPendingAddress,
  listOwnLogins,
  disputeAddress,
]
