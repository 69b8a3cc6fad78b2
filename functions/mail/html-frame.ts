import type { Locale } from './locale.ts'

export type FrameWords = {
  locale: Locale
  heading: string
  account?: string
  validity: string
  secrecy: string
  notYou: string
}

const SANS = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
const MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace"

const TEXT = `font:400 16px/1.5 ${SANS};color:#1c2024`
const QUIET = `font:400 14px/1.5 ${SANS};color:#55606b`
/** Spaced by style, so that the code is copied without spaces. */
const CODE =
  `padding:16px 20px;background:#f0f2f4;border-radius:8px;font:600 34px/1.2 ${MONO};` +
  'letter-spacing:5px;color:#11161b'

/** Clients that know dark mode override the inline colours; the others stay light. */
const STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#15181b!important}
.text{color:#eceef0!important}
.quiet{color:#a9b3bd!important}
.code{background:#262b30!important;color:#fff!important}
.rule{border-color:#3a4148!important}
}
@media (max-width:420px){
.cell{padding:20px 16px!important}
.code{font-size:27px!important;letter-spacing:3px!important}
}`

/**
 * The HTML part: one cell, no image, link or remote resource. What a notification previews is the
 * validity and the warning, not the code.
 */
export function htmlFrame(words: FrameWords): string {
  const account = words.account ? quiet(words.account, '4px 0 0') : ''
  return `<!DOCTYPE html>
<html lang="${words.locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${words.heading}</title>
<style>${STYLE}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#fff">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${words.validity} ${words.secrecy}</div>
<table role="presentation" align="center" width="100%" cellspacing="0" cellpadding="0" border="0" style="max-width:560px;table-layout:fixed">
<tr><td class="cell" style="padding:32px;overflow-wrap:anywhere">
<h1 class="text" style="${TEXT};font-size:20px;line-height:1.35;font-weight:600;margin:0">${words.heading}</h1>
${account}
<p class="code" style="${CODE};margin:20px 0">{otp}</p>
${plain(words.validity, '0 0 16px')}
${plain(words.secrecy, '0 0 24px')}
<div class="rule" style="border-top:1px solid #d5dade;padding-top:16px">${quiet(words.notYou, '0')}</div>
</td></tr>
</table>
</body>
</html>
`
}

function plain(sentence: string, margin: string): string {
  return `<p class="text" style="${TEXT};margin:${margin}">${sentence}</p>`
}

function quiet(sentence: string, margin: string): string {
  return `<p class="quiet" style="${QUIET};margin:${margin}">${sentence}</p>`
}
