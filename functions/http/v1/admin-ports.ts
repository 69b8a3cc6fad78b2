import type { EditPorts } from '../../core/edit-settings.ts'
import type { TestPorts } from '../../core/providers.ts'
import type { RecordReader } from '../../core/records/record-store.ts'
import type { RegistrationPorts } from '../../core/registration.ts'
import type { AdminStore } from '../../core/sign-in.ts'
import type { TemplateStore } from '../../core/template.ts'

/** What the administration of users, tokens, providers and templates needs. */
export type AdminPorts = RegistrationPorts &
  EditPorts &
  TestPorts & { admins: AdminStore; records: RecordReader; templates: TemplateStore }
