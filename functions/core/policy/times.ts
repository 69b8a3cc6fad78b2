/** When a policy applies: privacyIDEA's hours of the week or LinOTP's six fields. */
import type { Kind, Reading } from '../setting-kinds.ts'
import { cron, fitsCron } from './cron.ts'
import { hours, isWithin } from './hours.ts'

/** Whether a moment (Unix milliseconds) is one of them. */
export type Times = (now: number) => boolean

const ALWAYS: Times = () => true

/** Nothing and `*`: always. */
export const times: Kind<Times> = {
  accepted: `${hours.accepted}, or ${cron.accepted}`,
  read(text): Reading<Times> {
    if (text === '' || text === '*') return { value: ALWAYS }
    if (!looksLikeCron(text)) return read(hours.read(text), isWithin)
    return read(cron.read(text), fitsCron)
  },
}

/** Hours have a colon in every range, fields have none. */
const looksLikeCron = (text: string) => !text.includes(':') && /\s|;/.test(text)

const read = <T>(reading: Reading<T>, fits: (value: T, now: number) => boolean): Reading<Times> =>
  'refused' in reading ? reading : { value: (now) => fits(reading.value, now) }
