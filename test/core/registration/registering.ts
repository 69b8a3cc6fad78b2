/** Registers addresses as people do. */
import { confirmAddress, requestAddress } from '../../../functions/core/registration.ts'
import type { World } from '../../support/world.ts'

const CALLER = { clientIp: '192.0.2.1' }
let nonce = 0

/** Asks for addresses and confirms them in the world there is at the moment. */
export function registering(now: () => World) {
  /** Asks for an address as the person would, and returns the transaction and the mailed code. */
  async function asked(
    text: string,
    by: 'self' | 'activation' | 'admin' = 'self',
    login = 'alice',
  ) {
    const mails = now().mails.length
    const account = await now().account(login)
    const result = await requestAddress(now().ports, account, text, { by, caller: CALLER })
    if (!result.requested) return { ...result, transactionId: '', otp: '', mails: 0 }
    const { transactionId } = result.pending
    return { ...result, transactionId, otp: now().lastCode(), mails: now().mails.length - mails }
  }

  async function confirm(transactionId: string, code: string, pin?: string, login = 'alice') {
    const proof = { transactionId, code, nonce: `n${++nonce}`, caller: CALLER }
    const account = await now().account(login)
    return confirmAddress(now().ports, account, { ...proof, ...(pin === undefined ? {} : { pin }) })
  }

  return { asked, confirm }
}
