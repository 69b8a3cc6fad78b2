/** What `doctor` looks at between a code and a mailbox. */
import { isPlaceholder, PLACEHOLDER } from '../provider-checks.ts'
import type { Settings } from '../settings.ts'
import { command, type Examine, type Finding, ok, problem, warning } from './check.ts'
import { missingTemplates } from './missing-templates.ts'
import type { OperatorPorts } from './ports.ts'
import { isoTime } from './views.ts'

const QUOTA_SHARE = 0.8
const LONG_QUEUE = 100

const provider: Examine = async (ports) => {
  const settings = await ports.settings.current()
  const from = settings['email.mailfrom']
  if (settings['email.identifier'].length > 0) return namedProviders(ports, settings)
  if (from === '') {
    return problem(
      'No sender is set, so no mail goes out.',
      command('config set email.mailfrom <address>', ports),
    )
  }
  if (settings['mail.provider'] === 'ses') return ok(`Amazon SES sends as ${from}.`)
  const host = settings['email.mailserver']
  if (host === '') {
    return problem('No mail server is set.', command('config set email.mailserver <host>', ports))
  }
  const tls = settings['email.tls']
  const server = `${host} port ${settings['email.port']}`
  return ok(`The mail server ${server} (email.tls=${tls}) sends as ${from}.`)
}

/** The default and its fallbacks. */
function namedProviders(ports: OperatorPorts, settings: Settings): Finding {
  const says: string[] = []
  for (const name of settings['email.identifier']) {
    const one = settings.providers.get(name)
    const list = command('provider list', ports)
    if (!one) return problem(`email.identifier names ${name}, and there is no such provider.`, list)
    const from = one.sender || settings['email.mailfrom']
    const sender = command(`provider set ${name} --sender <address>`, ports)
    if (from === '') return problem(`The provider ${name} has no sender.`, sender)
    const managed = settings.managed.has(name)
    if (isPlaceholder(from)) {
      const shown = managed ? '' : ` ${from}`
      return warning(`The sender${shown} of ${name} ${PLACEHOLDER}.`, sender)
    }
    if (managed) {
      says.push(`${name}: a managed provider`)
      continue
    }
    const by = one.kind === 'ses' ? 'Amazon SES' : `${one.server} port ${one.port} (tls ${one.tls})`
    says.push(`${name}: ${by} sends as ${from}`)
  }
  return ok(`${says.join('; then ')}.`)
}

/** A look at SES, where it is what sends. */
const ofSes =
  (examine: (ports: OperatorPorts, from: string) => ReturnType<Examine>): Examine =>
  async (ports) => {
    const from = sesSender(await ports.settings.current())
    return from === undefined ? undefined : examine(ports, from)
  }

/** As whom SES sends first; undefined where it does not. */
function sesSender(settings: Settings): string | undefined {
  const from = settings['email.mailfrom']
  const names = settings['email.identifier']
  if (names.length === 0) return settings['mail.provider'] === 'ses' ? from : undefined
  const named = names.flatMap((name) => settings.providers.get(name) ?? [])
  const ses = named.find(({ kind }) => kind === 'ses')
  return ses && (ses.sender || from)
}

const sending = ofSes(async ({ mailAccount }) =>
  (await mailAccount.state()).sendingEnabled
    ? ok('SES may send for this account.')
    : problem(
        'SES has paused sending for this account.',
        "See the account's health in SES's console.",
      ),
)

const sandbox = ofSes(async ({ mailAccount }) =>
  (await mailAccount.state()).productionAccess
    ? ok('The account has production access.')
    : warning(
        "The account is in SES's sandbox: mail reaches verified mailboxes only.",
        "Ask for production access in SES's console (Account dashboard).",
      ),
)

const quota = ofSes(async ({ mailAccount }) => {
  const { dailyQuota, sentToday } = await mailAccount.state()
  if (dailyQuota < 0) return ok(`${sentToday} mails were sent in 24 hours; there is no quota.`)
  const says = `${sentToday} of ${dailyQuota} mails of the daily quota are used.`
  if (sentToday < dailyQuota * QUOTA_SHARE) return ok(says)
  const hint = 'Ask AWS for a higher sending quota (Service Quotas, Amazon SES).'
  return sentToday < dailyQuota ? warning(says, hint) : problem(says, hint)
})

const identity = ofSes(async ({ mailAccount }, from) => {
  if (from === '') return undefined
  let hidden = false
  let pending: string | undefined
  for (const name of identitiesOf(from)) {
    const state = await mailAccount.identity(name)
    if (state === 'verified') return ok(`The identity ${name} is verified and may send as ${from}.`)
    if (state === 'unverified') pending ??= name
    hidden ||= state === 'hidden'
  }
  if (pending) {
    return problem(
      `The identity ${pending} waits for its verification.`,
      "Create the DNS records, or follow the link in SES's mail.",
    )
  }
  if (hidden) {
    return warning(
      `Whether SES may send as ${from} cannot be seen from here.`,
      'Deploy with -c mailDomain or -c mailFrom naming this sender.',
    )
  }
  return problem(`SES has no identity for ${from}.`, `Verify ${from} or its domain in SES.`)
})

/** What may vouch for an address: itself, its domain, and each domain above that is not a top one. */
function identitiesOf(address: string): string[] {
  const labels = address.slice(address.lastIndexOf('@') + 1).split('.')
  const domains = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
  return [address, ...domains]
}

const lastDelivery: Examine = async ({ deliveries }) => {
  const newest = await deliveries()
  if (!newest) return ok('No recent delivery is known.')
  const { at, state, reply } = newest
  if (state === 'sent') return ok(`The last mail known was accepted at ${isoTime(at)}.`)
  return warning(`The last mail known failed at ${isoTime(at)}: ${reply}`)
}

const queue: Examine = async ({ backlog }) => {
  const { waiting } = await backlog()
  if (waiting <= LONG_QUEUE) return ok(`${waiting} deliveries are waiting.`)
  return warning(`${waiting} deliveries are waiting.`, 'Is the mail server slow or down?')
}

const deadLetters: Examine = async ({ backlog, stage }) => {
  const { dead } = await backlog()
  if (dead === undefined) return warning('This function does not know the dead-letter queue.')
  if (dead === 0) return ok('No delivery was given up.')
  return warning(
    `${dead} deliveries were given up.`,
    `Look at the log /otpost/${stage}/deliver, then purge the queue otpost-${stage}-deliver-dead.`,
  )
}

/** Of no interest to a deployment whose providers name none. */
const templates: Examine = async (ports) => {
  const { providers } = await ports.settings.current()
  const named = [...providers.values()].filter(({ template }) => template !== '').length
  if (named === 0) return undefined
  const missing = await missingTemplates(ports)
  if (missing.length === 0) return ok('Every template that a provider names is there.')
  const says = missing.map(({ name, reason }) => `${name} ${reason}`).join('; ')
  return warning(`${says}.`, command('template put <file.eml>', ports))
}

export const MAIL_CHECKS: Readonly<Record<string, Examine>> = {
  mail_provider: provider,
  mail_templates: templates,
  ses_sending: sending,
  ses_sandbox: sandbox,
  ses_quota: quota,
  ses_identity: identity,
  last_delivery: lastDelivery,
  deliver_queue: queue,
  dead_letters: deadLetters,
}
