import type { Message } from '../core/deliver-otp.ts'
import type { Mail } from '../core/ports.ts'
import type { Settings } from '../core/settings.ts'
import { chooseLocale } from './locale.ts'
import { renderMail } from './render.ts'

/** The mail that carries a code, as the settings want it. */
export function otpMail(
  { otp, to, account, token, challenge, now }: Message,
  settings: Settings,
): Mail {
  const values = {
    otp,
    validSeconds: Math.max(0, Math.round((challenge.expiresAt - challenge.createdAt) / 1000)),
    at: new Date(challenge.createdAt),
    serial: token.serial,
    username: account.login,
    userrealm: account.realm,
    givenname: account.givenname,
    surname: account.surname,
  }
  const custom = {
    subject: settings['email.subject'],
    ...(settings['email.text'] === '' ? {} : { text: settings['email.text'] }),
  }
  const { subject, text, html } = renderMail(custom, values, { locale: chooseLocale(undefined) })
  return { from: settings['email.mailfrom'], to, subject, text, html, date: new Date(now) }
}
