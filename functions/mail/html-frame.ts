import type { Locale } from './locale.ts'

/** What stands where in the HTML; `{tags}` are filled in by the renderer. */
export type FrameContent = {
  locale: Locale
  brand: string | undefined
  heading: string
  account: string | undefined
  code: string | undefined
  body: string
  warning: string
  /** Whether the warning is what the mail is about. */
  urgent: boolean
  quiet: string
}

const SANS =
  "-apple-system,'Segoe UI',Roboto,'Helvetica Neue','PingFang SC','Microsoft YaHei'," +
  "'Noto Sans CJK SC',Arial,sans-serif"
const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace"

const TEXT = `font:400 16px/1.55 ${SANS};color:#1f2933`
const QUIET = `font:400 13px/1.55 ${SANS};color:#52606d`
/** Spaced by style, so that the code is copied without spaces; the indent balances the last gap. */
const CODE =
  `padding:18px 8px;background:#eef2f7;border-radius:8px;font:600 36px/1.2 ${MONO};` +
  'letter-spacing:6px;text-indent:6px;text-align:center;color:#0b1a2b;' +
  '-webkit-user-select:all;user-select:all'

/** Clients that know dark mode override the inline colours; the others stay light. */
const STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#0f1316!important}
.card{background:#1a2026!important;border-color:#323b44!important}
.text{color:#eceff2!important}
.quiet{color:#a8b3bd!important}
.code{background:#2a323a!important;color:#fff!important}
}
@media (max-width:480px){
.edge{padding:16px 12px!important}
.card{padding:24px 18px!important}
.code{font-size:28px!important;letter-spacing:4px!important;text-indent:4px!important}
}`

/**
 * The HTML part: one card, no image, link or remote resource. What a notification previews is the
 * validity and the warning, not the code.
 */
export function htmlFrame(content: FrameContent): string {
  const { locale, brand, heading, account, code, body, warning, urgent, quiet } = content
  const weight = urgent ? ';font-weight:600' : ''
  return `<!DOCTYPE html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${heading}</title>
<style>${STYLE}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f1f3f6">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${body} ${warning}</div>
<table role="presentation" class="page" width="100%" cellspacing="0" cellpadding="0" border="0" style="background:#f1f3f6">
<tr><td class="edge" align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0" style="max-width:520px;table-layout:fixed;text-align:left">
${brand ? row(`<p class="text" style="${TEXT};font-weight:600;margin:0 4px 14px">${brand}</p>`) : ''}<tr><td class="card" style="padding:32px;background:#ffffff;border:1px solid #dde2e8;border-radius:12px;overflow-wrap:anywhere">
<h1 class="text" style="${TEXT};font-size:22px;line-height:1.3;font-weight:600;margin:0">${together(heading)}</h1>
${account ? `<p class="quiet" style="${QUIET};font-size:14px;margin:6px 0 0">${account}</p>` : ''}
${code ? `<p class="code" style="${CODE};margin:24px 0 0">${code}</p>` : ''}
<p class="text" style="${TEXT};margin:20px 0 0">${together(body)}</p>
<p class="text" style="${TEXT}${weight};margin:12px 0 0">${together(warning)}</p>
</td></tr>
${row(`<p class="quiet" style="${QUIET};margin:16px 4px 0">${together(quiet)}</p>`)}</table>
</td></tr>
</table>
</body>
</html>
`
}

/** A row of the table, for what stands above and below the card. */
const row = (content: string) => `<tr><td style="overflow-wrap:anywhere">${content}</td></tr>\n`

/** No line ends within "e-mail". */
const together = (sentence: string) =>
  sentence.replaceAll(/\be-mail[\w-]*/gi, '<span style="white-space:nowrap">$&</span>')
