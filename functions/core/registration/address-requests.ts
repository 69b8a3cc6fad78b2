/**
 * What a user may ask for in an hour: codes to new addresses, and look-ups in the name servers of whose
 * those are, which are written down before they are made and count when they lead to nothing, too.
 */
import type { Account } from '../account.ts'
import { HOUR } from '../spans.ts'
import type { Settings } from '../settings.ts'

const requestsOf = ({ addressRequests = [] }: Account, now: number) =>
  addressRequests.filter((time) => time > now - HOUR)

/** Whether `registration.per_hour` leaves the user one more. */
export function mayRequest(account: Account, settings: Settings, now: number): boolean {
  const most = settings['registration.per_hour']
  return most === 0 || requestsOf(account, now).length < most
}

/** The account with one more. */
export const withRequest = (account: Account, settings: Settings, now: number): Account =>
  settings['registration.per_hour'] === 0
    ? account
    : { ...account, addressRequests: [...requestsOf(account, now), now] }
