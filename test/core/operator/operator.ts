/** An operator's function in memory, over the world of the login tests. */
import type {
  Backlog,
  Deliveries,
  MailAccount,
  OperatorPorts,
} from '../../../functions/core/operator/ports.ts'
import { memoryRecords } from '../../../functions/adapters/memory-records.ts'
import type { Sent } from '../../../functions/core/ports.ts'
import type { TestMail } from '../../../functions/core/test-mail.ts'
import type { Snapshot } from '../../../functions/core/publish-settings.ts'
import type { Refusal } from '../../../functions/core/operator/reply.ts'
import { runCommand } from '../../../functions/core/operator/run-command.ts'
import { testGuard } from '../../support/provider-guard.ts'
import { createWorld } from '../../support/world.ts'

export type OperatorOptions = {
  /** @default 'prod' */
  stage?: string
  settings?: Record<string, string>
  mailAccount?: Partial<MailAccount>
  backlog?: Backlog
  deliveries?: Deliveries
  snapshot?: Snapshot
  ensureKeyring?: () => Promise<void>
  /** How a test mail ends. @default sent */
  testMail?: Sent
}

export function createOperator(options: OperatorOptions = {}) {
  const world = createWorld({ settings: options.settings })
  let keyrings = 0
  const testMails: TestMail[] = []
  const ports: OperatorPorts = {
    ...world.ports,
    stage: options.stage ?? 'prod',
    snapshots: {
      load: async () => ({ rev: options.snapshot ? 1 : 0, snapshot: options.snapshot }),
    },
    async *accountScan(after) {
      let behind = after === undefined
      for await (const account of world.ports.accounts.all()) {
        if (behind) yield account
        behind ||= account.key === after
      }
    },
    async ensureKeyring() {
      keyrings++
      await options.ensureKeyring?.()
    },
    mailAccount: {
      state: async () => ({
        sendingEnabled: true,
        productionAccess: true,
        dailyQuota: 50_000,
        sentToday: 12,
      }),
      identity: async () => 'verified',
      ...options.mailAccount,
    },
    backlog: options.backlog ?? (async () => ({ waiting: 0, dead: 0 })),
    deliveries: options.deliveries ?? (async () => undefined),
    templates: world.templates,
    records: memoryRecords(),
    providerGuard: testGuard(world.now),
    async sendTestMail(mail) {
      testMails.push(mail)
      return options.testMail ?? { sent: true, reply: '250 ok' }
    },
  }
  const run = (command: string, args?: unknown) => runCommand(ports, { command, args })

  return {
    world,
    ports,
    run,
    testMails,
    keyrings: () => keyrings,
    /** The value of a command that is expected to work. */
    async done(command: string, args?: unknown): Promise<any> {
      const reply = await run(command, args)
      if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`)
      return reply.value
    },
    /** The error of a command that is expected to be refused. */
    async refused(command: string, args?: unknown): Promise<Refusal> {
      const reply = await run(command, args)
      if (reply.ok) throw new Error(`accepted: ${JSON.stringify(reply.value)}`)
      return reply.error
    },
  }
}
