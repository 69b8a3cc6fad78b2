/** When mails went to one mailbox, newest first: what a limit looks at, and no more. */
import { DAY, HOUR } from './spans.ts'

/** Mails in any hour and in any 24 hours; 0: no limit. */
export type MailLimits = { perHour: number; perDay: number }

/** How many times are worth keeping. */
export const timesKept = ({ perHour, perDay }: MailLimits): number => Math.max(perHour, perDay)

/** Each limit as what it says of one entry: that one, if there is one, must not be after `before`. */
export const entriesLooked = ({ perHour, perDay }: MailLimits, now: number) =>
  [
    { index: perHour - 1, before: now - HOUR },
    { index: perDay - 1, before: now - DAY },
  ].filter(({ index }) => index >= 0)

/** Seconds since 1970 from which on an entry of now is of no interest. */
export const timesOver = (now: number): number => Math.ceil((now + DAY) / 1000)
