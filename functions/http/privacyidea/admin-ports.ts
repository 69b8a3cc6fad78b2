import type { AuditLog } from '../../core/audit.ts'
import type { EditPorts } from '../../core/edit-settings.ts'
import type { Guarded } from '../../core/managed-provider.ts'
import type { Ports, Sent } from '../../core/ports.ts'
import type { SnapshotStore } from '../../core/publish-settings.ts'
import type { AdminStore } from '../../core/sign-in.ts'
import type { TestMail } from '../../core/test-mail.ts'

/** What administration by this wire needs. */
export type AdminPorts = Ports &
  EditPorts &
  Guarded & {
    admins: AdminStore
    audit: AuditLog
    snapshots: Pick<SnapshotStore, 'load'>
    /** Has `deliver` send a mail: administration may not, nor may it read a mail password. */
    sendTestMail(mail: TestMail): Promise<Sent>
  }
