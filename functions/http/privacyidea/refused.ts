import type { Account } from '../../core/account.ts'
import { RefusedError } from '../errors.ts'
import type { Failure } from './envelope.ts'

/** A refusal with the answer clients know for it. */
export class Refusal extends RefusedError<Failure> {}

/** One with this answer. */
export const refused = (failure: Failure): Refusal => new Refusal(failure)

const refusal =
  <A extends unknown[]>(status: number, code: number, message: (...args: A) => string) =>
  (...args: A) =>
    refused({ status, code, message: message(...args) })

/** A policy says no. */
export const forbidden = refusal(403, 303, (why: string) => why)

/** A parameter cannot be used; the message begins with its name. */
export const unusable = refusal(400, 905, (why: string) => `ERR905: ${why}`)

export const unknownUser = refusal(
  400,
  904,
  () => 'ERR904: The user can not be found in any resolver in this realm!',
)
export const unknownSerial = refusal(404, 601, (serial: string) => {
  return `No token found for serials: ${serial}`
})
export const unknownToken = refusal(404, 601, () => 'The requested token could not be found.')
export const unknownName = refusal(404, 601, (what: string, name: string) => {
  return `There is no ${what} ${name}.`
})
export const revokedToken = refusal(
  400,
  1007,
  () => 'ERR1007: This action is not possible, since the token is locked',
)
export const otherType = refusal(400, 301, (serial: string, is: string, wanted: string) => {
  return (
    `ERR301: init token failed: Token ${serial} already exists with type ${is}. ` +
    `Can not initialize token with new type ${wanted}`
  )
})
export const alreadyAssigned = refusal(400, 1103, (holder: Account, resolver: string) => {
  const user = `User(login='${holder.login}', realm='${holder.realm}', resolver='${resolver}')`
  return `ERR1103: Token already assigned to user ${user}`
})
