/** What LinOTP's clients show to people, in the language their browser or device asks for. */
import { chooseLocale, type Locale } from '../../mail/locale.ts'
import {
  type Messages as LoginMessages,
  messagesFor as loginMessagesFor,
} from '../privacyidea/messages.ts'

/** The sentences clients show, by what they say. What LinOTP has no words for has the others'. */
export type Messages = OwnMessages & LoginMessages

type OwnMessages = {
  readonly sent: string
  readonly sentBefore: string
  readonly blocked: string
  readonly several: string
  readonly noChallenge: string
}

const MESSAGES: Record<Locale, OwnMessages> = {
  en: {
    sent: 'e-mail sent successfully',
    sentBefore: 'e-mail with otp already submitted',
    blocked: 'challenge already submitted',
    several: 'Multiple challenges submitted.',
    noChallenge: "No challenge for transaction '{transaction}' found",
  },
  de: {
    sent: 'E-Mail wurde gesendet',
    sentBefore: 'E-Mail mit Einmalpasswort wurde bereits gesendet',
    blocked: 'Challenge wurde bereits gesendet',
    several: 'Mehrere Challenges wurden gesendet.',
    noChallenge: "Keine Challenge zur Transaktion '{transaction}' gefunden",
  },
  'zh-CN': {
    sent: '邮件已发送',
    sentBefore: '验证码邮件此前已发送',
    blocked: '验证请求此前已提交',
    several: '已发送多个验证请求。',
    noChallenge: '未找到事务“{transaction}”的验证请求',
  },
}

/** The sentences for an `Accept-Language`; English, the reference's own words, where there is none. */
export const messagesFor = (acceptLanguage: string | undefined): Messages => ({
  ...loginMessagesFor(acceptLanguage),
  ...MESSAGES[acceptLanguage === undefined ? 'en' : chooseLocale(acceptLanguage)],
})
