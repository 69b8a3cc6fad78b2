import type { Command } from '../command.ts'
import { ADDRESS_COMMANDS } from './address.ts'
import { ADMIN_COMMANDS } from './admin.ts'
import { API_KEY_COMMANDS } from './api-key.ts'
import { AUDIT_COMMANDS } from './audit.ts'
import { CONFIG_COMMANDS } from './config.ts'
import { deliveries } from './deliveries.ts'
import { doctor } from './doctor.ts'
import { MAIL_SENDER_COMMANDS } from './mail-sender.ts'
import { POLICY_COMMANDS } from './policy.ts'
import { PROVIDER_COMMANDS } from './provider.ts'
import { RESOLVER_COMMANDS } from './resolver.ts'
import { TEMPLATE_COMMANDS } from './template.ts'
import { TOKEN_COMMANDS } from './token.ts'
import { userImport } from './user-import.ts'
import { USER_COMMANDS } from './user.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...ADMIN_COMMANDS,
  ...USER_COMMANDS,
  userImport,
  ...TOKEN_COMMANDS,
  ...ADDRESS_COMMANDS,
  ...API_KEY_COMMANDS,
  ...PROVIDER_COMMANDS,
  ...RESOLVER_COMMANDS,
  ...MAIL_SENDER_COMMANDS,
  ...CONFIG_COMMANDS,
  ...TEMPLATE_COMMANDS,
  ...POLICY_COMMANDS,
  ...AUDIT_COMMANDS,
  deliveries,
  doctor,
]
