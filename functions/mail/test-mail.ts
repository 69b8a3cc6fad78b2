import type { TestMailPorts } from '../core/test-mail.ts'
import { chooseLocale } from './locale.ts'
import { renderMail } from './render.ts'

/** The mail that tries a provider, in the language of the deployment: no person is spoken of. */
export const testMail: TestMailPorts['composeTest'] = (settings, { to, at }) => {
  const values = { app: settings['mail.service'] || undefined, email: to, at }
  const locale = chooseLocale(settings['mail.locale'])
  const { unknown: _tags, ...content } = renderMail('test', values, { locale })
  return content
}
