import { type Account, type OpenChallenge, typeOf } from './account.ts'
import { type AnswerResult, evaluate } from './answer-challenge.ts'
import { answerable, charged } from './budget.ts'
import { isElsewhere } from './application.ts'
import type { Caller } from './caller.ts'
import { changeAccount } from './change-account.ts'
import { codeLength } from './code-length.ts'
import { firstFactor, type OtpPin } from './first-factor.ts'
import { mayTry, type Trier, trierAt, withFailedTry, withRightTry } from './first-factor-tries.ts'
import { keep, partPinAndCode } from './pin-and-code.ts'
import type { Ports } from './ports.ts'
import { remotePassword } from './remote-user.ts'
import { type TriggerOptions, type TriggerResult, triggerChallenge } from './trigger-challenge.ts'

export type CheckPinResult =
  | { step: 'triggered'; trigger: TriggerResult }
  | { step: 'accepted'; by: 'pin_otp' | 'pin'; serial: string; digits?: number }
  | { step: 'refused'; reason: PinRefusal; serials: string[] }

/**
 * - `wrong_otp`: the PIN was right, the OTP behind it was not; `previous_otp`: it was used before
 * - `pin_delayed`: not looked at, too many wrong PINs; the wire says the same as for a wrong one
 */
export type PinRefusal = 'wrong_pin' | 'pin_delayed' | 'wrong_otp' | 'previous_otp'

/** How PINs are checked. */
export type PinCheck = {
  otppin: OtpPin
  /** PIN and OTP in one are accepted. */
  combined: boolean
  /** The PIN stands before the OTP, not behind it. */
  prepended: boolean
  /** How a right PIN triggers. */
  trigger?: Omit<TriggerOptions, 'pinProven' | 'admit'>
}

const USUAL: PinCheck = { otppin: 'tokenpin', combined: true, prepended: true }

/**
 * Looks at what a person typed without a transaction_id, for tokens that can be used: their PIN has
 * a code mailed, PIN and OTP together answer the newest open challenge.
 *
 * What is learned of a PIN is told only after a write on an account that still allowed a try, so a
 * burst of parallel tries learns no more than the same tries one after the other.
 */
export async function checkPin(
  ports: Ports,
  account: Account,
  serials: string[],
  typed: string,
  nonce: string,
  how: PinCheck = USUAL,
): Promise<CheckPinResult> {
  const usable = serials.flatMap((serial) => account.tokens[serial] ?? [])
  const pepper = await ports.keyring.key('pin')
  const elsewhere = await remotePassword(ports, account)
  const factor = firstFactor(pepper, account, how.otppin, elsewhere)
  const guarded = usable.some((token) => factor.guarded(token))
  const trier = await trierOf(ports, account, how.otppin, how.trigger?.caller)
  const allowed = (current: Account) => !guarded || mayTry(current, trier, ports.now())
  const refuse = (reason: PinRefusal, named = serials): CheckPinResult => ({
    step: 'refused',
    reason,
    serials: named,
  })
  if (!allowed(account)) return refuse('pin_delayed')

  const whole = await keep(usable, (token) => factor.matches(typed, token))
  const sufficient = whole.find((token) => typeOf(token) === 'spass')
  if (sufficient) {
    const admitted = await admit(ports, account, sufficient.serial, { trier, allowed })
    return admitted
      ? { step: 'accepted', by: 'pin', serial: sufficient.serial }
      : refuse('pin_delayed')
  }
  if (whole.length > 0) {
    const named = whole.map(({ serial }) => serial)
    const pinProven = whole.some((token) => factor.guarded(token))
    const open = whole.filter((token) => !factor.guarded(token))
    const anybodys = open.map(({ serial }) => serial)
    const options = { ...how.trigger, pinProven, trier, anybodys, admit: allowed }
    const trigger = await triggerChallenge(ports, account, named, options)
    return trigger ? { step: 'triggered', trigger } : refuse('pin_delayed')
  }

  const open = answerable(account, serials, ports.now()).filter(
    (one) => !isElsewhere(one, how.trigger?.caller),
  )
  const reading = { open, prepended: how.prepended, usual: how.trigger?.digits }
  const parted = how.combined
    ? await partPinAndCode(typed, usable, reading, (pin, token) => factor.matches(pin, token))
    : undefined
  if (!parted) {
    return refuse(
      guarded ? await countPin(ports, account, { trier, allowed }, 'wrong_pin') : 'wrong_pin',
    )
  }
  const { proven, digits, otp } = parted
  const named = proven.map(({ serial }) => serial)
  const waiting = open.filter((one) =>
    proven.some((token) => token.serial === one.serial && codeLength(token, one) === digits),
  )
  const answer = await answerNewest(ports, account, waiting, otp, {
    nonce,
    proven: proven.some((token) => factor.guarded(token)) ? trier : undefined,
  })
  if (answer.accepted) return { step: 'accepted', by: 'pin_otp', serial: answer.serial, digits }
  const reason = answer.reason === 'replayed' ? 'previous_otp' : 'wrong_otp'
  // without a PIN anybody could count: only who knows it may lock the token
  const known = proven.filter((token) => factor.guarded(token)).map(({ serial }) => serial)
  const evaluated = answer.charge?.evaluated ?? 0
  const charge = { at: ports.now(), evaluated, serials: known }
  const owed = evaluated > 0 || known.length > 0
  if (owed) await ports.accounts.charge(account.key, charge)
  if (!guarded) return refuse(reason, named)
  // the state the charge has most likely left; a wrong guess of it costs one more look
  const left = owed ? { ...charged(account, charge), rev: account.rev + 1 } : account
  return refuse(await countPin(ports, left, { trier, allowed }, reason), named)
}

/** Who tries, and whether an account still allows it. */
export type Limits = { trier: Trier; allowed: (account: Account) => boolean }

/** Who tries a first factor of that kind. */
export const trierOf = (ports: Ports, account: Account, otppin: OtpPin, caller?: Caller) =>
  trierAt(ports, account, otppin === 'userstore' ? 'password' : 'pin', caller?.clientIp)

/** Writes a right PIN down that lets in by itself: the write is what admits it. */
async function admit(
  ports: Ports,
  account: Account,
  serial: string,
  { trier, allowed }: Limits,
): Promise<boolean> {
  const admitted = await changeAccount(ports, account, (current) => {
    const token = current.tokens[serial]
    if (!token || !allowed(current)) return { result: false }
    const tokens = { ...current.tokens, [serial]: { ...token, failcount: 0 } }
    return { after: withRightTry({ ...current, tokens }, trier), result: true }
  })
  return admitted ?? false
}

/** Tries the newest of challenges that are still open: those answered already are passed over. */
async function answerNewest(
  ports: Ports,
  account: Account,
  open: OpenChallenge[],
  otp: string,
  { nonce, proven }: { nonce: string; proven: Trier | undefined },
): Promise<AnswerResult> {
  let answer: AnswerResult = { accepted: false, reason: 'unknown', serials: [] }
  for (const transactionId of new Set(open.map((one) => one.transactionId))) {
    const entries = open.filter((one) => one.transactionId === transactionId)
    const next = await evaluate(ports, account, entries, otp, nonce, proven)
    if (next.accepted || !['used', 'replayed'].includes(next.reason)) return next
    if (answer.reason !== 'replayed') answer = next
  }
  return answer
}

/**
 * Counts a failure of the PIN step. One that came while others had already earned a delay is told as
 * `pin_delayed`, whatever it was.
 */
export async function countPin(
  ports: Ports,
  account: Account,
  { trier, allowed }: Limits,
  reason: 'wrong_pin' | 'wrong_otp' | 'previous_otp',
): Promise<PinRefusal> {
  const told = await changeAccount<PinRefusal>(ports, account, (current) => {
    if (!allowed(current)) return { result: 'pin_delayed' }
    return { after: withFailedTry(current, trier, ports.now()), result: reason }
  })
  return told ?? reason
}
