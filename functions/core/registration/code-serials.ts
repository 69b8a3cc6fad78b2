/**
 * What stands for a serial where a code belongs to an account and not to one of its tokens. No
 * token's serial has an `@`.
 */
export const PENDING = '@pending'
export const FORMER = '@former'
/** A notice: no code at all. */
export const NOTICE = '@notice'

/** Whether a challenge of this serial is a token's. */
export const isTokenSerial = (serial: string): boolean => !serial.startsWith('@')
