/** What a mail with a code speaks of, in which language and what for. */
import { provesAddress } from '../core/account.ts'
import type { Message } from '../core/deliver-otp.ts'
import type { Settings } from '../core/settings.ts'
import { isTokenSerial } from '../core/registration/code-serials.ts'
import { chooseLocale, type Locale } from './locale.ts'
import type { MailValues } from './tags.ts'

export type CodeKind = 'authentication' | 'verification'

/** Codes that prove an address are told from those that are typed where one signs in, or to test that. */
export function kindOf({ account, challenge }: Message): CodeKind {
  const open = account.open.find(
    ({ transactionId, serial }) =>
      transactionId === challenge.transactionId && serial === challenge.serial,
  )
  return provesAddress(open?.purpose) ? 'verification' : 'authentication'
}

/** The person's own language, else the one their program asks for, else the deployment's. */
export const localeOf = ({ account, challenge }: Message, settings: Settings): Locale =>
  chooseLocale(account.locale, challenge.language, settings['mail.locale'])

export const valuesOf = (message: Message, settings: Settings): MailValues => {
  const { otp, to, account, token, challenge } = message
  return {
    otp,
    validSeconds: Math.max(0, Math.round((challenge.expiresAt - challenge.createdAt) / 1000)),
    at: new Date(challenge.createdAt),
    ...(isTokenSerial(token.serial) ? { serial: token.serial } : {}),
    username: account.login,
    userid: account.login,
    userrealm: account.realm,
    givenname: account.givenname,
    surname: account.surname,
    email: to,
    phone: account.phone,
    mobile: account.mobile,
    description: token.description,
    clientIp: challenge.clientIp,
    endpoint: challenge.userAgent,
    challenge: challenge.text,
    number: challenge.counter,
    app: settings['mail.service'] || undefined,
  }
}
