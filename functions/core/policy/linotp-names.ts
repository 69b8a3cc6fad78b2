/** What LinOTP calls the scopes and actions that Otpost has under other names. */
import type { Scope } from './policy.ts'

/** Scopes of LinOTP with a counterpart. */
export const SCOPE_OF: Readonly<Record<string, Scope>> = {
  admin: 'admin',
  system: 'admin',
  selfservice: 'user',
  enrollment: 'enrollment',
  notification: 'notification',
  authentication: 'authentication',
  authorization: 'authorization',
  audit: 'audit',
}

/** Actions of LinOTP by scope; those that are called the same are left out. */
export const ACTION_OF: Readonly<Partial<Record<Scope, Readonly<Record<string, string>>>>> = {
  admin: {
    initEMAIL: 'enrollEMAIL',
    initSPASS: 'enrollSPASS',
    remove: 'delete',
    setPIN: 'setpin',
    setOTPPIN: 'setpin',
    show: 'tokenlist',
    tokenrealm: 'tokenrealms',
    checkstatus: 'getchallenges',
  },
  user: {
    setOTPPIN: 'setpin',
    setDescription: 'setdescription',
    history: 'auditlog',
  },
  enrollment: {
    maxtoken: 'max_token_per_user',
    maxtokenEMAIL: 'email_max_token_per_user',
  },
}

/** What the two actions of the scope `system` grant. */
export const SYSTEM: Readonly<Record<string, readonly string[]>> = {
  read: ['configread', 'policyread', 'resolverread', 'smtpserver_read'],
  write: [
    'configwrite',
    'configdelete',
    'policywrite',
    'policydelete',
    'resolverwrite',
    'resolverdelete',
    'mresolverwrite',
    'mresolverdelete',
    'smtpserver_write',
  ],
}
