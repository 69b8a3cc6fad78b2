import type { SentencesByKind } from './sentences.ts'

const account = '账号：{username}'

export const zhCN: SentencesByKind = {
  authentication: {
    subject: '您的一次性验证码',
    heading: '您的登录验证码',
    headingFor: '您的 {app} 登录验证码',
    account,
    body: '验证码在{validtime}内有效，仅可使用一次。',
    warning:
      '请仅在您正在登录的页面输入此验证码。' +
      '我们的工作人员绝不会通过电话、邮件或聊天工具向您索取验证码。',
    quiet:
      '如果您并未尝试登录，请忽略本邮件，切勿将验证码告知他人。' +
      '如再次收到此类邮件，请告知该服务的管理员。',
  },
  verification: {
    subject: '请验证您的邮箱地址',
    heading: '请验证您的邮箱地址',
    headingFor: '请验证您在 {app} 的邮箱地址',
    account,
    body: '验证码在{validtime}内有效，仅可使用一次。',
    warning:
      '请在您登记此邮箱的页面输入验证码。验证后，登录验证码将发送到此邮箱。' +
      '我们的工作人员绝不会向您索取验证码。',
    quiet: '如果您并未登记此邮箱，请忽略本邮件：不输入验证码，就不会有任何更改。',
  },
  address_changed: {
    subject: '您接收登录验证码的邮箱已更改',
    heading: '您的邮箱地址已更改',
    headingFor: '您在 {app} 的邮箱地址已更改',
    account,
    body: '自 {date} {time}（UTC）起，您的登录验证码将发送到 {new_email}，不再发送到此邮箱。',
    warning: '不是您本人操作？您的账号可能正被他人使用，请立即告知该服务的管理员。',
    warningTo: '不是您本人操作？您的账号可能正被他人使用，请立即联系：{contact}',
    warningAt:
      '不是您本人操作？请在 {until}（UTC）之前打开 {link} 并输入代码 {dispute_code}：' +
      '此后，在管理员恢复之前，任何人都无法使用此账号的验证码登录。',
    quiet: '如果是您本人更改的，则无需任何操作。',
  },
  token_enrolled: {
    subject: '您的账号新增了令牌',
    heading: '您的账号新增了令牌',
    headingFor: '您的 {app} 账号新增了令牌',
    account,
    body: '自 {date} {time}（UTC）起，令牌 {serial} 可用于登录。',
    bodyTo: '自 {date} {time}（UTC）起，令牌 {serial} 的登录验证码将发送到 {new_email}。',
    warning: '您对此不知情？他人可能正试图进入您的账号，请立即告知该服务的管理员。',
    warningTo: '您对此不知情？他人可能正试图进入您的账号，请立即联系：{contact}',
    quiet: '如果这在您的预料之中，则无需任何操作。',
  },
  token_auto_enrolled: {
    subject: '从现在起，您需要使用验证码登录',
    heading: '从现在起，您需要使用验证码登录',
    headingFor: '从现在起，您需要使用验证码登录 {app}',
    account,
    body:
      '{date} {time}（UTC）有人使用您的密码登录，您的账号因此获得了令牌 {serial}：' +
      '此后登录还需要发送给您的验证码。该令牌的 PIN 即为此密码，即使以后更改密码也保持不变。',
    warning: '不是您本人操作？说明他人知道您的密码：请更改密码，并立即告知该服务的管理员。',
    warningTo: '不是您本人操作？说明他人知道您的密码：请更改密码，并立即联系：{contact}',
    quiet: '如果是您本人操作，则无需任何操作。',
  },
  pin_set: {
    subject: '您的 PIN 已更改',
    heading: '您的 PIN 已更改',
    headingFor: '您的 {app} PIN 已更改',
    account,
    body: '令牌 {serial} 的 PIN 已于 {date} {time}（UTC）更改。',
    warning: '您对此不知情？您的账号可能正被他人使用，请立即告知该服务的管理员。',
    warningTo: '您对此不知情？您的账号可能正被他人使用，请立即联系：{contact}',
    quiet: '如果这在您的预料之中，则无需任何操作。我们的邮件绝不会写明 PIN。',
  },
  test: {
    subject: 'Otpost 测试邮件',
    heading: '这是一封测试邮件',
    headingFor: '这是 {app} 的一封测试邮件',
    account,
    body: '邮件服务器已接受这封来自 Otpost 的测试邮件，验证码可以通过同样的方式发送。',
    warning: '本邮件不含验证码。',
    quiet: '这封邮件由该服务的管理员发起，您无需回复。',
  },
}
