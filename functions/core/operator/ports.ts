/** What the operator's commands need beyond the ports of a login. */
import type { Account } from '../account.ts'
import type { Guarded } from '../managed-provider.ts'
import type { Sent } from '../ports.ts'
import type { SnapshotStore } from '../publish-settings.ts'
import type { RecordReader } from '../records/record-store.ts'
import type { RegistrationPorts } from '../registration.ts'
import type { AdminStore } from '../sign-in.ts'
import type { TemplateStore } from '../template.ts'
import type { TestMail } from '../test-mail.ts'
import type { RemoteUsers } from '../user-source.ts'
import type { Reply } from './reply.ts'

export type OperatorPorts = RegistrationPorts &
  Guarded & {
    stage: string
    admins: AdminStore
    snapshots: Pick<SnapshotStore, 'load'>
    accountScan: AccountScan
    /** Makes the keys of a new deployment; does nothing where there are some. */
    ensureKeyring(): Promise<void>
    mailAccount: MailAccount
    backlog: Backlog
    deliveries: Deliveries
    /** Has `deliver` send a mail: an operator's function may not, nor may it read a mail password. */
    sendTestMail(mail: TestMail): Promise<Sent>
    templates: TemplateStore
    /** Users that Otpost does not keep. */
    remoteUsers?: RemoteUsers | undefined
    records: RecordReader
  }

/** Does one command. Throws `InvalidArgumentError` for arguments it cannot use. */
export type Command = (ports: OperatorPorts, args: unknown) => Promise<Reply>

/** Every account behind the one with this key, in an order that stays the same. */
export type AccountScan = (after?: string) => AsyncIterable<Account>

/** Amazon SES, as far as its readiness to send goes. */
export interface MailAccount {
  state(): Promise<MailAccountState>
  /** `hidden`: this function may not look at that identity. */
  identity(name: string): Promise<'verified' | 'unverified' | 'none' | 'hidden'>
}

export type MailAccountState = {
  sendingEnabled: boolean
  /** False in SES's sandbox, which sends to verified mailboxes only. */
  productionAccess: boolean
  /** Mails in 24 hours; -1: no limit. */
  dailyQuota: number
  sentToday: number
}

/** Messages on their way to `deliver`, and those it gave up; `dead` undefined: not known here. */
export type Backlog = () => Promise<{ waiting: number; dead: number | undefined }>

/** How the newest of a few deliveries ended; undefined when none has. */
export type Deliveries = () => Promise<Delivery | undefined>

export type Delivery = {
  /** Unix time in milliseconds. */
  at: number
  state: 'sent' | 'failed'
  /** The mail server's words. */
  reply: string
}
