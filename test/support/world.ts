/** A whole Otpost in memory: a clock that stands still until told, mails in an array. */
import { createHash } from 'node:crypto'
import { isDisposableDomain } from '../../functions/adapters/disposable-domains.ts'
import { memoryAccounts, memoryAdmins, memoryChallenges } from '../../functions/adapters/memory.ts'
import { memoryTemplates } from '../../functions/adapters/memory-templates.ts'
import { type Account, accountKey } from '../../functions/core/account.ts'
import type { DomainVerdict } from '../../functions/core/address/domains.ts'
import { type Attempt, authenticate, type Outcome } from '../../functions/core/authenticate.ts'
import { deliverOtp, type DeliverPorts } from '../../functions/core/deliver-otp.ts'
import { type Enrolment, enrolToken } from '../../functions/core/enrol-token.ts'
import type {
  AccountStore,
  ChallengeStore,
  DeliveryReference,
  Mail,
  SendLimits,
  Sent,
} from '../../functions/core/ports.ts'
import { providerBreakers } from '../../functions/core/provider-breakers.ts'
import { parseSettings, type Settings } from '../../functions/core/settings.ts'
import type { RegistrationPorts } from '../../functions/core/registration.ts'
import type { AdminStore } from '../../functions/core/sign-in.ts'
import { addUser } from '../../functions/core/users.ts'
import { otpMail } from '../../functions/mail/otp-mail.ts'

export type WorldOptions = {
  /** Parameters by name, over the defaults of the world: realm `demo`, a sender. */
  settings?: Record<string, string>
  accounts?: AccountStore
  challenges?: ChallengeStore
}
/** What a mail server answers, by its name if it has one. */
export type MailServer = (
  mail: Mail,
  provider?: string,
  limits?: SendLimits,
) => Sent | Promise<Sent>
export type LogLine = { level: string; message: string; [field: string]: unknown }

export const NOW = Date.UTC(2026, 10, 21, 12)
const BASE = { 'realm.default': 'demo', 'email.mailfrom': 'otpost@example.org' }

export function createWorld(options: WorldOptions = {}) {
  let time = NOW
  let raw: Record<string, string> = { ...BASE, ...options.settings }
  let requests = 0
  let mailServer: MailServer = () => ({ sent: true, reply: '250 ok' })
  const mails: Mail[] = []
  const lines: LogLine[] = []
  const waiting: DeliveryReference[] = []
  const domainVerdicts = new Map<string, DomainVerdict>()

  const settings = { current: async (): Promise<Settings> => parseSettings(raw).settings }
  const common = {
    accounts: options.accounts ?? memoryAccounts(),
    challenges: options.challenges ?? memoryChallenges(),
    settings,
    keyring: { key: async (purpose: string) => createHash('sha256').update(purpose).digest() },
    now: () => time,
    log: (level: string, message: string, fields: object = {}) => {
      lines.push({ level, message, ...fields })
    },
  }
  const templates = memoryTemplates()
  const deliverPorts: DeliverPorts = {
    ...common,
    compose: otpMail({ templates, log: common.log }),
    breakers: providerBreakers(common),
    mailer: async (_settings, provider) => ({
      async send(mail, limits) {
        const sent = await mailServer(mail, provider?.name, limits)
        if (sent.sent) mails.push(mail)
        return sent
      },
    }),
  }
  /** What the queue does: tries each reference; those to be tried again stay. */
  async function deliverAll(): Promise<void> {
    for (const reference of waiting.splice(0)) {
      if ((await deliverOtp(deliverPorts, reference)) === 'retry') waiting.push(reference)
    }
  }
  const ports: RegistrationPorts & { admins: AdminStore } = {
    ...common,
    admins: memoryAdmins(),
    domains: { check: async (domain) => domainVerdicts.get(domain) ?? 'accepts' },
    isDisposable: isDisposableDomain,
    outbox: {
      async send(references) {
        waiting.push(...references)
        await deliverAll()
      },
    },
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    sleep: async (ms) => {
      time += ms
    },
  }

  return {
    ports,
    deliverPorts,
    /** What DNS says of a domain; of all others that they take mail. */
    domainVerdicts,
    /** Mail templates, which `deliver` does not keep here. */
    templates,
    admins: ports.admins,
    mails,
    lines,
    waiting,
    deliverAll,
    now: () => time,
    advance: (ms: number) => {
      time += ms
    },
    set: (changes: Record<string, string>) => {
      raw = { ...raw, ...changes }
    },
    /** Replaces the mail server: what it answers to each mail. */
    mailServer: (server: MailServer) => {
      mailServer = server
    },
    /** Adds a user with `<login>@example.org` and returns the account. */
    async addUser(
      login: string,
      email: string | undefined = `${login}@example.org`,
      realm = 'demo',
    ) {
      await addUser(ports, realm, login, email ? { email } : {})
      return (await ports.accounts.get(accountKey(realm, login)))!
    },
    async enrol(account: Account, enrolment: Omit<Enrolment, 'account'> = {}) {
      const result = await enrolToken(ports, { account, pin: '1234', ...enrolment })
      if (!result.enrolled) throw new Error(result.reason)
      return result.token
    },
    account: async (login: string, realm = 'demo') =>
      (await ports.accounts.get(accountKey(realm, login)))!,
    /** A login request as a wire would make it. */
    check: (attempt: Partial<Attempt>): Promise<Outcome> =>
      authenticate(ports, { pass: '', nonce: `request-${++requests}`, ...attempt }),
    /** Triggers and returns the challenge and the code that was mailed. */
    async triggered(user: string, pass = '1234') {
      const outcome = await this.check({ user, pass })
      if (outcome.outcome !== 'challenged') throw new Error(JSON.stringify(outcome))
      const { transactionId, expiresAt } = outcome.issued[0]!
      return { transactionId, expiresAt, otp: codeIn(mails.at(-1)!) }
    },
    lastCode: () => codeIn(mails.at(-1)!),
  }
}
export type World = ReturnType<typeof createWorld>

/** The code a person would read in the mail. */
export function codeIn({ text }: Pick<Mail, 'text'>): string {
  const code = /^\s*([0-9]{6,10})\s*$/m.exec(text)?.[1]
  if (!code) throw new Error(`no code in: ${text}`)
  return code
}

/** A code that is not the one given. */
export const otherThan = (otp: string) =>
  String((Number(otp) + 1) % 10 ** otp.length).padStart(otp.length, '0')
