import type { Locale } from '../../mail/locale.ts'
import type { AddressFault } from './faults.ts'
import { ENGLISH } from './sentences-en.ts'

type Sentences = Readonly<Record<AddressFault, string>>

const GERMAN: Sentences = {
  empty: 'Geben Sie Ihre E-Mail-Adresse ein.',
  too_long: 'Die Adresse ist zu lang; höchstens 254 Zeichen sind möglich.',
  invalid_unicode: 'Die Adresse enthält beschädigte Zeichen; geben Sie sie noch einmal ein.',
  control_character:
    'Die Adresse enthält einen Zeilenumbruch oder ein anderes Steuerzeichen; ' +
    'geben Sie sie noch einmal ein.',
  invisible_character:
    'Die Adresse enthält ein unsichtbares Zeichen; tippen Sie sie ein, statt sie einzufügen.',
  mailto: 'Lassen Sie „mailto:“ weg und geben Sie nur die Adresse ein.',
  source_route: 'Geben Sie nur die Adresse ein, ohne einen Weg davor.',
  display_name: 'Geben Sie nur die Adresse ein, ohne Namen und ohne < und >.',
  quoted: 'Adressen mit Anführungszeichen werden nicht angenommen; nehmen Sie eine andere Adresse.',
  comment: 'Geben Sie die Adresse ohne Klammern ein.',
  several_addresses:
    'Geben Sie genau eine Adresse ein, mit einem @ und ohne Komma und Strichpunkt.',
  space: 'Entfernen Sie das Leerzeichen in der Adresse.',
  no_at: 'Das @ fehlt; geben Sie die ganze Adresse ein, etwa name@example.org.',
  local_empty: 'Der Name vor dem @ fehlt.',
  local_dots:
    'Der Name vor dem @ darf nicht mit einem Punkt beginnen oder enden und nicht zwei ' +
    'hintereinander enthalten.',
  local_character: 'Der Name vor dem @ enthält ein Zeichen, das es in Adressen nicht gibt.',
  local_too_long: 'Der Name vor dem @ ist zu lang; höchstens 64 Byte sind möglich.',
  domain_empty: 'Die Domain nach dem @ fehlt, etwa example.org.',
  domain_dots:
    'Die Domain nach dem @ darf nicht mit einem Punkt beginnen oder enden und nicht zwei ' +
    'hintereinander enthalten.',
  domain_single: 'Die Domain nach dem @ ist unvollständig; sie endet auf etwas wie .org.',
  domain_character: 'Die Domain nach dem @ enthält ein Zeichen, das es in Domains nicht gibt.',
  domain_underscore:
    'Die Domain nach dem @ enthält einen Unterstrich, den es in Mail-Domains nicht gibt.',
  domain_hyphen: 'Kein Teil der Domain nach dem @ darf mit einem Bindestrich beginnen oder enden.',
  domain_label_too_long: 'Ein Teil der Domain nach dem @ ist länger als 63 Zeichen.',
  domain_too_long: 'Die Domain nach dem @ ist länger als 253 Zeichen.',
  domain_idn:
    'Die Domain nach dem @ ist kein gültiger internationaler Name; prüfen Sie die Schreibweise.',
  address_literal: 'Geben Sie den Namen der Domain statt [einer IP-Adresse] ein.',
  ip_address:
    'Die Domain nach dem @ endet mit einer Zahl; geben Sie ihren Namen ein, etwa example.org.',
  mixed_scripts:
    'Die Adresse mischt ähnlich aussehende Buchstaben mehrerer Alphabete; ' +
    'geben Sie sie noch einmal ein.',
  domain_denied:
    'Adressen dieser Domain werden hier nicht angenommen; nehmen Sie eine andere Adresse.',
  domain_not_allowed:
    'Nur Adressen bestimmter Domains werden hier angenommen; nehmen Sie eine davon.',
  domain_disposable:
    'Wegwerfadressen werden nicht angenommen; nehmen Sie eine Adresse, die Sie behalten.',
  domain_unknown: 'Die Domain nach dem @ gibt es nicht; prüfen Sie die Schreibweise.',
  domain_no_mail: 'Die Domain nach dem @ hat keinen Mailserver; prüfen Sie die Schreibweise.',
  domain_null_mx:
    'Die Domain nach dem @ nimmt nach eigener Angabe keine E-Mail an; ' +
    'nehmen Sie eine andere Adresse.',
  domain_unchecked:
    'Die Domain nach dem @ konnte gerade nicht geprüft werden; ' +
    'versuchen Sie es in einer Minute noch einmal.',
}

const CHINESE: Sentences = {
  empty: '请输入您的邮箱地址。',
  too_long: '邮箱地址过长，最多 254 个字符。',
  invalid_unicode: '邮箱地址包含损坏的字符，请重新输入。',
  control_character: '邮箱地址包含换行符或其他控制字符，请重新输入。',
  invisible_character: '邮箱地址包含不可见字符，请手动输入而不要粘贴。',
  mailto: '请去掉“mailto:”，只输入邮箱地址。',
  source_route: '请只输入邮箱地址，前面不要带路由。',
  display_name: '请只输入邮箱地址，不要带姓名和 < >。',
  quoted: '不接受带引号的邮箱地址，请使用其他地址。',
  comment: '请输入不带括号的邮箱地址。',
  several_addresses: '请只输入一个邮箱地址，其中只有一个 @，不含逗号和分号。',
  space: '请去掉邮箱地址中的空格。',
  no_at: '缺少 @，请输入完整的邮箱地址，例如 name@example.org。',
  local_empty: '缺少 @ 前面的名称。',
  local_dots: '@ 前面的名称不能以点开头或结尾，也不能有连续两个点。',
  local_character: '@ 前面的名称包含邮箱地址不允许的字符。',
  local_too_long: '@ 前面的名称过长，最多 64 个字节。',
  domain_empty: '缺少 @ 后面的域名，例如 example.org。',
  domain_dots: '@ 后面的域名不能以点开头或结尾，也不能有连续两个点。',
  domain_single: '@ 后面的域名不完整，结尾应类似 .org。',
  domain_character: '@ 后面的域名包含域名不允许的字符。',
  domain_underscore: '@ 后面的域名包含下划线，邮件域名不允许使用下划线。',
  domain_hyphen: '@ 后面域名的各部分不能以连字符开头或结尾。',
  domain_label_too_long: '@ 后面域名的某一部分超过 63 个字符。',
  domain_too_long: '@ 后面的域名超过 253 个字符。',
  domain_idn: '@ 后面的域名不是有效的国际化域名，请检查拼写。',
  address_literal: '请输入域名，而不是 [IP 地址]。',
  ip_address: '@ 后面的域名以数字结尾，请输入域名，例如 example.org。',
  mixed_scripts: '邮箱地址混用了多种文字中相似的字母，请重新输入。',
  domain_denied: '此处不接受该域名的邮箱地址，请使用其他地址。',
  domain_not_allowed: '此处只接受特定域名的邮箱地址，请使用其中之一。',
  domain_disposable: '不接受一次性邮箱地址，请使用您长期使用的地址。',
  domain_unknown: '@ 后面的域名不存在，请检查拼写。',
  domain_no_mail: '@ 后面的域名没有邮件服务器，请检查拼写。',
  domain_null_mx: '@ 后面的域名声明不接收邮件，请使用其他地址。',
  domain_unchecked: '暂时无法检查 @ 后面的域名，请一分钟后重试。',
}

const SENTENCES: Readonly<Record<Locale, Sentences>> = {
  en: ENGLISH,
  de: GERMAN,
  'zh-CN': CHINESE,
}

/** What a person is to do about a fault, in their language. */
export const addressSentence = (fault: AddressFault, locale: Locale): string =>
  SENTENCES[locale][fault]
