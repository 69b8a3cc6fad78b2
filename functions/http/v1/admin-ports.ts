import type { Ports } from '../../core/ports.ts'
import type { AdminStore } from '../../core/sign-in.ts'

/** What the administration of users and tokens needs. */
export type AdminPorts = Ports & { admins: AdminStore }
