/** What a login request of this wire asks for. */
import type { Attempt } from '../../core/authenticate.ts'
import { type Subject, type Who } from '../../core/find-account.ts'
import type { Settings } from '../../core/settings.ts'
import type { Parameters } from '../parameters.ts'

/** A transaction, or with `part` the one of its challenges that has this number, from 1. */
export type TransactionName = { transactionId: string; part?: number }

/**
 * Whom a request is about. A user with a realm is taken as written; without one, `user@realm` and
 * `realm\user` are split where there is such a realm and `splitAtSign` is on. Undefined: nobody.
 */
export function subjectOf(parameters: Parameters, settings: Settings): Subject | undefined {
  const user = parameters.named('user')
  const serial = parameters.named('serial')
  if (!user && !serial) return undefined
  const realm = parameters.named('realm')
  const who = user === undefined ? undefined : whoIs(user, realm, settings)
  return {
    ...(serial ? { serial } : {}),
    ...(who ? { who } : user ? { user } : {}),
  }
}

function whoIs(user: string, realm: string | undefined, settings: Settings): Who | undefined {
  if (realm) return { login: user, realm: realm.toLowerCase() }
  const [, before = '', login = ''] = /^([^\\]+)\\(.+)$/.exec(user) ?? []
  const named = before.toLowerCase()
  return settings.splitAtSign && settings.realms.has(named) ? { login, realm: named } : undefined
}

const PART = /^(.+)\.([0-9]{2})$/

/** The transaction a request answers: `<id>`, or `<id>.02` for the second of its challenges. */
export function transactionOf(parameters: Parameters): TransactionName | undefined {
  const given = parameters.scalar('transactionid') || parameters.scalar('state')
  if (!given) return undefined
  const [, transactionId, part] = PART.exec(given) ?? []
  return transactionId ? { transactionId, part: Number(part) } : { transactionId: given }
}

/** What clients call one challenge of a transaction that has several. */
export const partName = (transactionId: string, part: number): string =>
  `${transactionId}.${String(part).padStart(2, '0')}`

/** What a client may ask for beside the login. */
export type Options = Pick<Attempt, 'transactionId' | 'part' | 'type' | 'typeBinds' | 'text'> & {
  /** How long PIN and OTP were. */
  authInfo: boolean
}

/** The options of a request. A text that a challenge is to be about leaves none of the others. */
export function optionsOf(parameters: Parameters): Options {
  const text = parameters.named('challenge')
  if (text) return { text, authInfo: false }
  return {
    ...transactionOf(parameters),
    type: parameters.named('token_type'),
    typeBinds: true,
    authInfo: parameters.flag('auth_info'),
  }
}
