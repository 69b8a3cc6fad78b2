/** What is done to the tokens of somebody who may want to be told of it. */
import type { Account } from './account.ts'
import type { Caller } from './caller.ts'
import { type Enrolment, type EnrolResult, enrolToken } from './enrol-token.ts'
import { setPin } from './manage-tokens.ts'
import { notifyUser } from './notify-user.ts'
import type { Ports } from './ports.ts'

/** Enrols a token, and has its user told where policies want it. */
export async function enrolAndTell(
  ports: Ports,
  enrolment: Enrolment,
  caller: Caller,
): Promise<EnrolResult> {
  const result = await enrolToken(ports, enrolment)
  if (result.enrolled) {
    const { account, token } = result
    const event = 'enrollment'
    await notifyUser(ports, account, { event, serials: [token.serial], caller })
  }
  return result
}

/** Sets the PIN of a token, and has its user told where policies want it. */
export async function setPinAndTell(
  ports: Ports,
  account: Account,
  serial: string,
  pin: string,
  caller: Caller,
): Promise<boolean> {
  const set = await setPin(ports, account, serial, pin)
  if (set) await tellOfPins(ports, [{ account, serial }], caller)
  return set
}

/** Has the users of tokens told that the PINs were set: one notice each, however many tokens. */
export async function tellOfPins(
  ports: Ports,
  set: readonly { account: Account; serial: string }[],
  caller: Caller,
): Promise<void> {
  for (const held of Map.groupBy(set, ({ account }) => account.key).values()) {
    const serials = held.map(({ serial }) => serial)
    await notifyUser(ports, held[0]!.account, { event: 'setPin', serials, caller })
  }
}
