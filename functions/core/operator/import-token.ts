import type { Account } from '../account.ts'
import { AccountBusyError } from '../change-account.ts'
import { enrolToken } from '../enrol-token.ts'
import type { OperatorPorts } from './ports.ts'
import { whyNotEnrolled } from './tokens.ts'

const MOST_TRIES = 5
/** What a token notes of the import that made it, among its info. */
const IMPORT_INFO = 'import'

/**
 * Gives a user without a token one that mails to their own address. Gives the serial that this
 * import made, now or when the row came before; undefined for a user who had a token.
 */
export async function putToken(
  ports: OperatorPorts,
  known: Account,
  typed: string | undefined,
  importId: string | undefined,
): Promise<string | undefined> {
  const info = importId === undefined ? {} : { info: { [IMPORT_INFO]: importId } }
  // Decided on what is written: the same row may be on its way twice.
  const forbid = (owner: Account) => (hasToken(owner) ? 'has a token' : undefined)
  let account: Account | undefined = known
  for (let tries = 0; account && tries < MOST_TRIES; tries++) {
    if (hasToken(account)) return ownSerial(account, importId)
    const result = await enrolToken(ports, { account, pin: typed, forbid, ...info })
    if (result.enrolled) return result.token.serial
    // Serials have 32 bits: among 100,000 of them, one is drawn twice.
    const again = result.reason === 'serial_of_other' || result.reason === 'forbidden'
    if (!again) throw whyNotEnrolled(result.reason)
    account = await ports.accounts.get(known.key)
  }
  if (account) throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
  return undefined
}

const ownSerial = ({ tokens }: Account, importId: string | undefined) =>
  importId === undefined
    ? undefined
    : Object.values(tokens).find(({ info }) => info?.[IMPORT_INFO] === importId)?.serial

export const hasToken = ({ tokens }: Account) => Object.keys(tokens).length > 0
