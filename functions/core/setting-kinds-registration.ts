/** Parameters of the registration of addresses: factors, and where the self-service is. */
import type { Kind } from './setting-kinds.ts'

/** Codes by mail, as the lists of factors call them. */
export const EMAIL_OTP = 'emailOtp'

/** What else such a list may name; nothing comes of it here. */
const SIBLINGS = ['smsOtp', 'password', 'securityQA', 'rememberMe', 'alwaysAskForPassword']
const NAMES = new Map([EMAIL_OTP, ...SIBLINGS].map((name) => [name.toLowerCase(), name]))

/** Names of factors between commas, in any case. */
export const factorNames: Kind<readonly string[]> = {
  accepted: `names between commas out of ${EMAIL_OTP}, ${SIBLINGS.join(', ')}`,
  read(text) {
    const typed = text.split(',').map((name) => name.trim().toLowerCase())
    const names = typed.flatMap((name) => NAMES.get(name) ?? [])
    if (names.length < typed.length) return { refused: 'names a factor that is not known' }
    return { value: Object.freeze([...new Set(names)]) }
  },
}

/** Where pages of ours are: `https` only, without user, query or fragment. */
export const webAddress: Kind<string> = {
  accepted: 'an address such as https://otp.example.org/self',
  read(text) {
    const url = URL.parse(text)
    if (!url || url.protocol !== 'https:') return { refused: 'is not an https address' }
    if (url.username || url.password || url.search || url.hash || /[\s"<>]/.test(text)) {
      return { refused: 'has a user, a query or a fragment' }
    }
    return { value: url.href.replace(/\/$/, '') }
  },
}
