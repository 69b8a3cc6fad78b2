import type { Locale } from './locale.ts'

/** What a mail is for. A new purpose is a type error until it is written in every language. */
export type MailPurpose = 'authentication'

/** The sentences of one mail. `{tags}` are filled in by the renderer. */
export type Sentences = {
  subject: string
  heading: string
  /** The heading when the service has a name. */
  headingFor: string
  account: string
  validity: string
  secrecy: string
  notYou: string
}

export const sentences: Record<Locale, Record<MailPurpose, Sentences>> = {
  en: {
    authentication: {
      subject: 'Your OTP',
      heading: 'Your sign-in code',
      headingFor: 'Your sign-in code for {app}',
      account: 'Account: {username}',
      validity: 'The code is valid for {validtime} and works once.',
      secrecy:
        'Enter it only where you are signing in. None of us will ever ask you for it, ' +
        'by phone, e-mail or chat.',
      notYou:
        'If you are not signing in, ignore this e-mail and do not pass the code on. ' +
        'If it happens again, please report it to the operator of the service.',
    },
  },
  de: {
    authentication: {
      subject: 'Ihr Einmalcode',
      heading: 'Ihr Anmeldecode',
      headingFor: 'Ihr Anmeldecode für {app}',
      account: 'Benutzerkonto: {username}',
      validity: 'Der Code ist {validtime} lang gültig und kann einmal verwendet werden.',
      secrecy:
        'Geben Sie ihn nur dort ein, wo Sie sich gerade anmelden. Niemand von uns wird Sie je ' +
        'danach fragen, weder am Telefon noch per E-Mail oder im Chat.',
      notYou:
        'Wenn Sie sich nicht gerade anmelden, ignorieren Sie diese E-Mail und geben Sie den ' +
        'Code nicht weiter. Falls es wieder vorkommt, melden Sie es bitte dem Betreiber des ' +
        'Dienstes.',
    },
  },
  'zh-CN': {
    authentication: {
      subject: '您的一次性验证码',
      heading: '您的登录验证码',
      headingFor: '您的 {app} 登录验证码',
      account: '账号：{username}',
      validity: '验证码在{validtime}内有效，仅可使用一次。',
      secrecy:
        '请仅在您正在登录的页面输入此验证码。' +
        '我们的工作人员绝不会通过电话、邮件或聊天工具向您索取验证码。',
      notYou:
        '如果您并未尝试登录，请忽略本邮件，切勿将验证码告知他人。' +
        '如再次收到此类邮件，请告知该服务的管理员。',
    },
  },
}
