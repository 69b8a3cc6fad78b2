/** What somebody might put into a name, a description or a client's words to break a mail. */
import fc from 'fast-check'

/** Header look-alikes, ends of messages, other recipients, markup, and tags of our own. */
const NASTY = [
  '\r\nBcc: victim@x.example',
  '\nTo: victim@x.example',
  '\rCc: victim@x.example',
  '\r\n\r\n<html><body>mine</body></html>',
  '\r\n.\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\n',
  '\n.\n',
  '\r.\r',
  '\r\n.\n',
  '.',
  '..',
  '.\r\n',
  '\u0085Bcc: v@x.example',
  '\u2028Bcc: v@x.example\u2029',
  '\0\0Subject: cut',
  '%0d%0aBcc:%20v@x.example',
  '\\r\\nBcc: v@x.example',
  '=?utf-8?q?=0D=0ABcc:_v=40x.example?=',
  '=?UTF-8?B?DQpCY2M6IHZAeC5leGFtcGxl?=',
  '=0D=0ABcc: v@x.example',
  '=\r\n=3D=',
  '"; To: b@y.example <a@x.example>',
  '" onload="alert(1)',
  "' style='display:none",
  '</p></td></tr></table><script>alert(1)</script>',
  '<!--',
  '--&gt; &amp; & &#60;',
  '<otp>',
  '{otp}',
  '${otp}',
  '{{otp}}',
  '{user}{surname}${serial}<serial>',
  '${self.module.os}',
  '{0.__class__}%s%(otp)s',
  "$&$1$`$'",
  '\u202egnp.exe\u2066\u2069',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  '验证码'.repeat(60),
  'ÄÖÜß'.repeat(300),
  'x'.repeat(1200),
  ' '.repeat(300),
  '\t\t\ttab',
  '\ud800',
  'a\udc00b\ud83d',
  'Content-Type: text/html',
  '--=_boundary--',
  '----_NmP-1-Part_1--',
  'From nobody Mon Jan  1 00:00:00 2026',
  '\u001b[2J\u0007\u0008',
]

/** A value of one attribute: nasty, random, or several behind each other. Never `free`. */
export const hostileValue = (free: string): fc.Arbitrary<string> => {
  const one = fc.oneof(
    { arbitrary: fc.constantFrom(...NASTY), weight: 6 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 2 },
    { arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }), weight: 1 },
    { arbitrary: loneSurrogates, weight: 1 },
  )
  return fc
    .array(one, { minLength: 0, maxLength: 3 })
    .map((parts) => parts.join('').replaceAll(free, '-'))
}

const loneSurrogates = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units))

/** As a mail shows a value: one line, printable, well formed, at most this long. */
export function shown(value: string, longest: number): string {
  let line = ''
  for (const character of value) {
    const code = character.codePointAt(0)!
    const control = code < 32 || (code >= 127 && code < 160)
    const breaks = code === 0x2028 || code === 0x2029
    const turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
    const surrogate = code >= 0xd800 && code <= 0xdfff
    if (control || breaks || turns) line += line.endsWith('\u0001') ? '' : '\u0001'
    else line += surrogate ? '\ufffd' : character
  }
  return [...line.replaceAll('\u0001', ' ').trim()].slice(0, longest).join('')
}
