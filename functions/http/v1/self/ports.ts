import type { RecordReader } from '../../../core/records/record-store.ts'
import type { RegistrationPorts } from '../../../core/registration.ts'

/** What the self-service needs. */
export type SelfPorts = RegistrationPorts & { records: RecordReader }
