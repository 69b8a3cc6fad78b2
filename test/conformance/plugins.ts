/**
 * The plugins of privacyIDEA and LinOTP that were recorded: what each was doing, request by request, how it writes
 * what a user typed, and how it decides on an answer.
 */
import * as judges from './plugin-judges.ts'
import type { Judge } from './plugin-judges.ts'

/**
 * What a recorded request was for.
 * - `replay`: the request before, once more; `used_code`: PIN and the code that was just used
 * - `wrong_pin_code`: PIN and a wrong code in one
 * - `trigger`: by the plugin's own session; `trigger_unsigned`: without one
 */
export type Act =
  | 'wrong_pin'
  | 'pin'
  | 'wrong_code'
  | 'code'
  | 'replay'
  | 'pin_code'
  | 'wrong_pin_code'
  | 'used_code'
  | 'no_code'
  | 'unknown_user'
  | 'poll'
  | 'sign_in'
  | 'wrong_sign_in'
  | 'trigger'
  | 'trigger_unsigned'
  | 'trigger_unknown_user'

/** Writes a typed value the way the plugin does. */
export type Encode = (typed: string) => string

export type Plugin = {
  acts: Act[]
  judge: Judge
  encode: { user: Encode; pass: Encode }
  /** Whether it can ask its user for the code after the PIN; others take both in one. */
  asks: boolean
  /** What its base URL ends in. @default nothing */
  base?: string
  /** The requests that count, where others were recorded with them. @default all of its name */
  recorded?: { name: string; from: number }
  /** Its users have no PIN: an empty password has the code mailed. */
  pinless?: boolean
  /** It does not escape what is typed, so that some characters cannot be typed. */
  unescaped?: boolean
}

/** `application/x-www-form-urlencoded`, as Perl, Python, PHP and cURL write it. */
const form: Encode = (typed) =>
  encodeURIComponent(typed).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)
const twice: Encode = (typed) => form(form(typed))
const asIs: Encode = (typed) => typed
/** Python's `json.dumps`: ASCII only. */
const json: Encode = (typed) =>
  JSON.stringify(typed)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)

const both = (encode: Encode) => ({ user: encode, pass: encode })

/** PIN and code in one field, and nothing else. */
const ONE_FIELD: Act[] = [
  'wrong_pin',
  'pin',
  'wrong_pin_code',
  'pin_code',
  'replay',
  'unknown_user',
]

const PHP: Act[] = [
  ...(['wrong_pin', 'pin', 'poll', 'wrong_code', 'code', 'replay'] as const),
  ...(['sign_in', 'sign_in', 'trigger', 'code', 'pin', 'pin_code', 'unknown_user'] as const),
  ...(['wrong_sign_in', 'wrong_sign_in', 'trigger_unsigned'] as const),
]

/** What most plugins of LinOTP have in common: values are encoded once. */
const LINOTP = { base: '/linotp', encode: both(form) } as const

export const PLUGINS: Record<string, Plugin> = {
  'freeradius-privacyidea': {
    acts: [
      ...(['wrong_pin', 'pin', 'wrong_code', 'pin', 'code', 'replay'] as const),
      ...(['pin', 'pin_code', 'replay', 'unknown_user'] as const),
    ],
    judge: judges.freeradius,
    encode: { user: form, pass: twice },
    asks: true,
  },
  'pam-python-privacyidea': {
    acts: [
      ...(['wrong_pin', 'pin', 'wrong_code', 'pin', 'code', 'used_code'] as const),
      ...(['pin', 'no_code', 'pin_code', 'unknown_user'] as const),
    ],
    judge: judges.pamPython,
    encode: both(form),
    asks: true,
  },
  'pam-cpp-privacyidea': {
    acts: [
      ...(['wrong_pin', 'pin', 'wrong_code', 'pin', 'code', 'used_code'] as const),
      ...(['pin', 'code', 'unknown_user', 'unknown_user'] as const),
    ],
    judge: judges.pamCpp,
    encode: both(form),
    asks: true,
  },
  'pam-c-pidea-linotp': { acts: ONE_FIELD, judge: judges.pamC, encode: both(form), asks: false },
  'php-client': {
    acts: [...PHP, ...PHP, ...PHP],
    judge: judges.php,
    encode: both(asIs),
    asks: true,
  },
  'java-client': {
    acts: [
      ...(['sign_in', 'wrong_pin', 'pin', 'poll', 'wrong_code', 'code', 'replay'] as const),
      ...(['trigger', 'code', 'pin', 'code', 'pin', 'pin_code', 'unknown_user'] as const),
      ...(['wrong_sign_in', 'wrong_sign_in', 'trigger_unsigned'] as const),
    ],
    judge: judges.java,
    encode: both(twice),
    asks: true,
  },
  'owncloud-twofactor': {
    acts: [
      ...(['sign_in', 'trigger', 'wrong_code', 'code', 'replay', 'pin', 'code'] as const),
      ...(['wrong_sign_in', 'sign_in', 'trigger_unknown_user'] as const),
    ],
    judge: judges.owncloud,
    encode: both(form),
    asks: true,
  },
  'jitsi-prosody-json': {
    acts: ONE_FIELD,
    judge: judges.jitsi,
    encode: both(json),
    asks: false,
  },
  'nginx-lua-privacyidea': {
    acts: ONE_FIELD,
    judge: judges.nginx,
    encode: both(form),
    asks: false,
  },
  'apache-wsgi-privacyidea': {
    acts: ONE_FIELD,
    judge: judges.apache,
    encode: both(form),
    asks: false,
  },
  'django-samlcheck': { acts: ONE_FIELD, judge: judges.django, encode: both(form), asks: false },
  'freeradius-linotp': {
    ...LINOTP,
    acts: [
      ...(['wrong_pin', 'pin', 'wrong_code', 'pin', 'code', 'replay'] as const),
      ...(['pin', 'pin_code', 'replay', 'unknown_user'] as const),
    ],
    judge: judges.simplecheck,
    asks: true,
  },
  'pam-c-linotp': { ...LINOTP, acts: ONE_FIELD, judge: judges.smile, asks: false },
  'pam-python-linotp': {
    ...LINOTP,
    acts: ['wrong_pin', 'pin', 'wrong_code', 'pin', 'code', 'used_code', 'unknown_user'],
    judge: judges.simplecheck,
    asks: true,
  },
  'apache-mod-authn-linotp': { ...LINOTP, acts: ONE_FIELD, judge: judges.smile, asks: false },
  'java-idp-auth-linotp': {
    ...LINOTP,
    recorded: { name: 'java-idp-auth-linotp', from: 6 },
    acts: ['pin', 'pin_code', 'replay', 'unknown_user'],
    judge: judges.javaIdp,
    asks: true,
  },
  'java-idp-auth-linotp-pinless': {
    ...LINOTP,
    recorded: { name: 'java-idp-auth-linotp', from: 1 },
    acts: ['wrong_pin', 'pin', 'wrong_code', 'code', 'replay'],
    judge: judges.javaIdp,
    asks: true,
    pinless: true,
  },
  'openvpn-lua-linotp': {
    ...LINOTP,
    recorded: { name: 'openvpn-lua-linotp', from: 1 },
    acts: [
      ...(['wrong_pin', 'pin', 'wrong_pin_code', 'pin_code', 'replay'] as const),
      ...(['pin', 'pin_code', 'unknown_user'] as const),
    ],
    judge: judges.openvpn,
    asks: false,
  },
  'wp-linotp-auth': {
    ...LINOTP,
    recorded: { name: 'wp-linotp-auth', from: 1 },
    acts: ONE_FIELD,
    judge: judges.wordpress,
    encode: both(asIs),
    asks: false,
    unescaped: true,
  },
}
