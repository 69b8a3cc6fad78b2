import type { Ports } from '../../core/ports.ts'
import { createAuthentication } from './authentications.ts'
import { answerChallenge, createChallenge, readChallenge } from './challenges.ts'
import { readHealth } from './health.ts'
import type { Operation } from './operation.ts'

/** What a login needs of `/v1`. */
export const V1_LOGIN_ROUTES: readonly Operation<Ports>[] = [
  createChallenge,
  readChallenge,
  answerChallenge,
  createAuthentication,
  readHealth,
]
