/** Administration in memory: parameters in Maps, published as `configure` would. */
import { memoryAudit } from '../../../functions/adapters/memory.ts'
import type { AuditEntry } from '../../../functions/core/audit.ts'
import { application } from '../../../functions/http/application.ts'
import type { ParameterEditor } from '../../../functions/core/edit-settings.ts'
import type { Sent } from '../../../functions/core/ports.ts'
import { publishSettings, type Snapshot } from '../../../functions/core/publish-settings.ts'
import { defaultSettings, parseSettings } from '../../../functions/core/settings.ts'
import { putAdmin } from '../../../functions/core/sign-in.ts'
import type { TestMail } from '../../../functions/core/test-mail.ts'
import { passwordHash, updateUser } from '../../../functions/core/users.ts'
import type { AdminPorts } from '../../../functions/http/privacyidea/admin-ports.ts'
import { LINOTP_ADMIN_ROUTES } from '../../../functions/http/linotp/admin-routes.ts'
import { answerLinotp } from '../../../functions/http/linotp/wire.ts'
import { ADMIN_ROUTES } from '../../../functions/http/privacyidea/admin-routes.ts'
import { answer, notFound } from '../../../functions/http/privacyidea/wire.ts'
import { type Answer, httpClient, type Send } from '../../support/http.ts'
import { testGuard } from '../../support/provider-guard.ts'
import { createWorld } from '../../support/world.ts'

export const ADMIN = { username: 'admin', password: 'adminpw' }

/** Users alice, bob, carol and erin of `realm1`, of whom erin has no address; an administrator. */
export async function createAdminWorld() {
  const base = createWorld({ settings: { 'realm.default': 'realm1' } })
  const values: Record<string, string> = {
    'realm.default': 'realm1',
    'email.mailfrom': 'otpost@example.org',
    'email.delivery_wait': '0',
  }
  const secrets: Record<string, { value: string; version: number }> = {}
  const parameters: ParameterEditor = {
    list: async () => ({
      values: { ...values },
      secrets: Object.fromEntries(Object.entries(secrets).map(([n, { version }]) => [n, version])),
    }),
    async put(name, value, secret) {
      if (secret) secrets[name] = { value, version: (secrets[name]?.version ?? 0) + 1 }
      else values[name] = value
    },
    async remove(name) {
      const known = name in values || name in secrets
      delete values[name]
      delete secrets[name]
      return known
    },
  }
  let stored: { rev: number; snapshot?: Snapshot } = { rev: 0 }
  const snapshots = {
    load: async () => stored,
    async save(snapshot: Snapshot, rev: number) {
      stored = { rev: rev + 1, snapshot }
      return true
    },
  }
  const publish = () =>
    publishSettings({ parameters, snapshots, clock: base.now, report: () => {} })
  const auditEntries: AuditEntry[] = []
  const testMails: TestMail[] = []
  let testMailServer: () => Sent = () => ({ sent: true, reply: '250 ok' })
  const ports: AdminPorts = {
    ...base.ports,
    settings: {
      current: async () =>
        stored.snapshot
          ? parseSettings(stored.snapshot.values, stored.snapshot.secrets).settings
          : defaultSettings,
    },
    parameters,
    snapshots,
    publish,
    providerGuard: testGuard(base.now),
    audit: memoryAudit(auditEntries, base.now),
    async sendTestMail(mail) {
      testMails.push(mail)
      return testMailServer()
    },
  }
  await publish()
  await putAdmin(ports, ADMIN.username, ADMIN.password)
  for (const login of ['alice', 'bob', 'carol']) {
    await base.addUser(login, `${login}@example.org`, 'realm1')
    const password = await passwordHash(ports, `${login}pw`)
    await updateUser(ports, 'realm1', login, { password })
  }
  await base.addUser('erin', '', 'realm1')

  const send = httpClient(
    application(
      ports,
      [
        (request) => answer(ADMIN_ROUTES, ports, request),
        (request) => answerLinotp(LINOTP_ADMIN_ROUTES, ports, request),
      ],
      notFound,
    ),
  )
  const sessionOf = async (username: string, password: string): Promise<string> =>
    (await send('/auth', { form: { username, password } })).json.result.value.token
  const admin = await sessionOf(ADMIN.username, ADMIN.password)
  const callAs =
    (session: string) =>
    (method: string, path: string, options: Send = {}): Promise<Answer> =>
      send(path, { ...options, method, headers: { authorization: session, ...options.headers } })

  return {
    ...base,
    ports,
    send,
    values,
    secrets,
    /** What the audit holds. */
    auditEntries,
    testMails,
    testMailServer: (server: () => Sent) => {
      testMailServer = server
    },
    /** Calls as the administrator. */
    call: callAs(admin),
    callAs,
    sessionOf,
    /** Writes parameters as somebody with AWS credentials would. */
    async configure(changes: Record<string, string>) {
      Object.assign(values, changes)
      await publish()
    },
    account: (login: string) => base.account(login, 'realm1'),
    init: (form: Record<string, string>) =>
      callAs(admin)('POST', '/token/init', { form: { type: 'email', ...form } }),
  }
}
export type AdminWorld = Awaited<ReturnType<typeof createAdminWorld>>

/** A refusal, in short. */
export const errorOf = ({ status, json }: Answer) => ({ status, ...json.result.error })
export const valueOf = ({ json }: Answer) => json.result.value
