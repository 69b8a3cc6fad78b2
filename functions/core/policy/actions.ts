/** Every action that has an effect in Otpost, by scope, and the values it takes. */
import { boolean, choice, integer, line } from '../setting-kinds.ts'
import { realmName } from '../setting-kinds-net.ts'
import {
  addressValidation,
  clientModes,
  duration,
  noticeProviders,
  rate,
  serialPatterns,
  someProviders,
  template,
  tokenTypes,
} from './action-kinds.ts'
import { flag } from './action-value.ts'
import type { Catalogue, Flag } from './action-value.ts'
import { excludedBy } from './match-list.ts'
import { pinContents } from './pin-contents.ts'
import type { Policy, Scope } from './policy.ts'

const count = integer(0, 10_000)

export const AUTHENTICATION = {
  otppin: choice(['tokenpin', 'userstore', 'none', 'ignore_pin'], {
    token_pin: 'tokenpin',
    0: 'tokenpin',
    password: 'userstore',
    1: 'userstore',
    only_otp: 'none',
    2: 'none',
    3: 'ignore_pin',
  }),
  dynamic_email_address: flag,
  force_challenge_response: flag,
  increase_failcounter_on_challenge: flag,
  reset_all_user_tokens: flag,
  disabled_token_types: tokenTypes,
  passOnNoToken: flag,
  passOnNoUser: flag,
  passthru: choice(['userstore']),
  preferred_client_mode: clientModes,
  client_mode_per_user: flag,
  hide_specific_error_message: flag,
  change_pin_via_validate: flag,
  enroll_via_multichallenge: choice(['email']),
  enroll_via_multichallenge_optional: flag,
  enroll_via_multichallenge_text: line(200),
  email_provider: someProviders,
  emailtext: template,
  emailsubject: line(200),
  emailautosend: flag,
  email_validtime: integer(10, 86_400, ' seconds'),
  email_otplen: integer(6, 10),
  email_challenge_text: line(1000),
  challenge_text_header: line(1000),
  challenge_text_footer: line(1000),
  set_realm: realmName,
} as const

export const AUTHORIZATION = {
  no_detail_on_success: flag,
  no_detail_on_fail: flag,
  detail_on_success: flag,
  detail_on_fail: flag,
  add_user_in_response: flag,
  add_resolver_in_response: flag,
  application_tokentype: flag,
  tokentype: tokenTypes,
  serial: serialPatterns,
  authorized: choice(['grant_access', 'deny_access']),
  authorize: flag,
  api_key_required: flag,
  auth_max_success: rate,
  auth_max_fail: rate,
  last_auth: duration,
} as const

export const ENROLLMENT = {
  verify_enrollment: tokenTypes,
  email_max_token_per_user: count,
  email_max_active_token_per_user: count,
  max_token_per_user: count,
  email_validation: addressValidation,
  require_description: tokenTypes,
  change_pin_on_first_use: flag,
  /** LinOTP's; of the types that it knows here there is one. */
  autoenrollment: choice(['email'], { '*': 'email', 'email sms': 'email', 'sms email': 'email' }),
} as const

/** LinOTP's: of which acts people are told, and by whom. */
export const NOTIFICATION = {
  autoenrollment: noticeProviders,
  enrollment: noticeProviders,
  setPin: noticeProviders,
} as const

export const WEBUI = {
  login_mode: choice(['userstore', 'privacyIDEA', 'disable'], { privacyidea: 'privacyIDEA' }),
} as const

export const HARDENING = { hide_version: flag, hide_auth_error_status: flag } as const

export const PIN = {
  otp_pin_minlength: count,
  otp_pin_maxlength: count,
  otp_pin_contents: pinContents,
} as const

/** How users may change what is their own. */
export const SELF_SERVICE = { edit_email: boolean } as const

/** What users may be allowed to do with their own tokens. */
export const USER_RIGHTS = [
  'enrollEMAIL',
  'delete',
  'disable',
  'enable',
  'reset',
  'revoke',
  'unassign',
  'setpin',
  'setdescription',
  'updateuser',
  'auditlog',
] as const

/** What administrators may be allowed to do. */
export const ADMIN_RIGHTS = [
  ...USER_RIGHTS,
  'enrollSPASS',
  'assign',
  'adduser',
  'deleteuser',
  'userlist',
  'tokenlist',
  'tokenrealms',
  'set',
  'settokeninfo',
  'losttoken',
  'getserial',
  'triggerchallenge',
  'getchallenges',
  'cancelchallenge',
  'configread',
  'configwrite',
  'configdelete',
  'policyread',
  'policywrite',
  'policydelete',
  'resolverread',
  'resolverwrite',
  'resolverdelete',
  'mresolverwrite',
  'mresolverdelete',
  'smtpserver_read',
  'smtpserver_write',
] as const

const granted = (rights: readonly string[]): Readonly<Record<string, Flag>> =>
  Object.fromEntries(['*', ...rights].map((right) => [right, flag]))

const NOTHING: Catalogue = {}

/** The actions of each scope that Otpost knows; a known scope may have none. */
export const ACTIONS: Readonly<Record<Scope, Catalogue>> = {
  admin: { ...granted(ADMIN_RIGHTS), ...PIN },
  user: { ...granted(USER_RIGHTS), ...PIN, ...SELF_SERVICE },
  authentication: AUTHENTICATION,
  authorization: AUTHORIZATION,
  enrollment: ENROLLMENT,
  notification: NOTIFICATION,
  webui: WEBUI,
  hardening: HARDENING,
  audit: NOTHING,
  register: NOTHING,
  container: NOTHING,
  token: NOTHING,
}

/** The actions of a policy that have no effect in Otpost. */
export function unknownActions({ scope, action }: Policy): string[] {
  const known = ACTIONS[scope]
  const grants = scope === 'admin' || scope === 'user'
  return Object.keys(action).filter((name) => {
    const right = grants ? (excludedBy(name) ?? name) : name
    return !Object.hasOwn(known, right)
  })
}
