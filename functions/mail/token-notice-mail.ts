/** The mail that tells a user what was done to their tokens. */
import { typeOf } from '../core/account.ts'
import { addressOf } from '../core/budget.ts'
import type { Challenge } from '../core/challenge.ts'
import type { Message } from '../core/deliver-otp.ts'
import type { Settings } from '../core/settings.ts'
import { maskAddress } from './mask-address.ts'
import { localeOf, valuesOf } from './otp-values.ts'
import { renderMail, type RenderedMail } from './render.ts'

const KINDS = {
  enrollment: 'token_enrolled',
  autoenrollment: 'token_auto_enrolled',
  setPin: 'pin_set',
} as const

/** Whoever writes challenges by hand has no words for a mail. */
const SERIAL = /^[0-9A-Za-z_-]{1,64}$/

/**
 * Always ours, whatever templates and policies say of mails with a code. It names tokens, the moment
 * and, of a new token, the mailbox its codes go to: nothing that helps to sign in.
 */
export function tokenNoticeMail(
  message: Message,
  { event, serials }: NonNullable<Challenge['notice']>,
  settings: Settings,
): RenderedMail {
  const { otp: _none, validSeconds: _valid, ...values } = valuesOf(message, settings)
  const contact = settings['selfservice.contact']
  const named = serials.filter((serial) => SERIAL.test(serial))
  const goesTo = event === 'enrollment' ? addressFor(message, named[0]) : undefined
  return renderMail(
    KINDS[event],
    {
      ...values,
      serial: named.join(', '),
      ...(goesTo === undefined ? {} : { newEmail: maskAddress(goesTo, settings['mask.address']) }),
      ...(contact === '' ? {} : { contact }),
    },
    { locale: localeOf(message, settings) },
  )
}

/** Undefined: the token mails nothing, or is gone. */
function addressFor({ account }: Message, serial = ''): string | undefined {
  const token = Object.hasOwn(account.tokens, serial) ? account.tokens[serial] : undefined
  return token && typeOf(token) === 'email' ? addressOf(account, token) : undefined
}
