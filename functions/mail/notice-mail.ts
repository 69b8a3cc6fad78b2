/** The mail that tells an address that codes go elsewhere now. */
import type { FormerAddress } from '../core/account.ts'
import type { Message } from '../core/deliver-otp.ts'
import type { Settings } from '../core/settings.ts'
import { maskAddress } from './mask-address.ts'
import { localeOf, valuesOf } from './otp-values.ts'
import { renderMail, type RenderedMail } from './render.ts'

/**
 * Always ours, whatever templates and policies say of mails with a code. Where the settings know the
 * pages of the self-service, it leads there and carries the code to dispute the change; otherwise it
 * says whom to tell.
 */
export function noticeMail(
  message: Message,
  { replacedBy, reference, until }: FormerAddress,
  settings: Settings,
): RenderedMail {
  const { otp: disputeCode, validSeconds: _valid, ...values } = valuesOf(message, settings)
  const url = settings['selfservice.url']
  const contact = settings['selfservice.contact']
  return renderMail(
    'address_changed',
    {
      ...values,
      newEmail: maskAddress(replacedBy, settings['mask.address']),
      ...(contact === '' ? {} : { contact }),
      ...(url === ''
        ? {}
        : { link: `${url}#dispute=${reference}`, until: new Date(until), disputeCode }),
    },
    { locale: localeOf(message, settings) },
  )
}
