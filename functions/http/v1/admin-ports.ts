import type { EditPorts } from '../../core/edit-settings.ts'
import type { Ports } from '../../core/ports.ts'
import type { TestPorts } from '../../core/providers.ts'
import type { RecordReader } from '../../core/records/record-store.ts'
import type { AdminStore } from '../../core/sign-in.ts'

/** What the administration of users, tokens and providers needs. */
export type AdminPorts = Ports & EditPorts & TestPorts & { admins: AdminStore; records: RecordReader }
