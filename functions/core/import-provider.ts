/** LinOTP's single provider of old as a provider of its own name, as its own update made it. */
import { readProviderConfig } from './provider.ts'
import { providerKind } from './provider-kinds.ts'
import { type ProviderPorts, type ProviderResult, setProvider, storedState } from './providers.ts'
import type { Problem } from './settings-problems.ts'
import { PROVIDERS } from './settings-schema.ts'

/** What LinOTP called it. */
export const IMPORTED = 'imported_default'

/** The keys of old, with or without `linotp.` before them. */
export type LegacyConfig = {
  EmailProvider?: string | undefined
  /** JSON in clear. */
  EmailProviderConfig?: string | undefined
  /** Seconds that have to lie between two mails. */
  EmailBlockingTimeout?: string | undefined
}

export const LEGACY_KEYS = ['EmailProvider', 'EmailProviderConfig', 'EmailBlockingTimeout'] as const

/** `there already`: an earlier run has made it, and what was edited since stays. */
export type ImportResult = ProviderResult | { outcome: 'there already' }

/**
 * Makes the provider `imported_default`, the default where there is none; `EmailBlockingTimeout`
 * becomes `email.resend_after` where that is not set: it is no timeout of the mail server.
 */
export async function importLegacy(
  ports: ProviderPorts,
  legacy: LegacyConfig,
): Promise<ImportResult> {
  const { settings, isSet } = await storedState(ports)
  if (isSet(PROVIDERS + IMPORTED)) return { outcome: 'there already' }
  const { EmailProvider = '', EmailProviderConfig = '', EmailBlockingTimeout = '' } = legacy

  const kind = providerKind.read(EmailProvider.trim())
  if ('refused' in kind) return refused('EmailProvider', kind.refused, providerKind.accepted)
  if (kind.value !== 'smtp') return refused('EmailProvider', 'is none of LinOTP’s', ACCEPTED)
  const config = readProviderConfig(EmailProviderConfig)
  if ('refused' in config) return refused('EmailProviderConfig', config.refused, ACCEPTED)

  const seconds = EmailBlockingTimeout.trim()
  return setProvider(ports, {
    name: IMPORTED,
    ...config.value,
    asDefault: settings['email.identifier'].length === 0 ? 'yes' : 'no',
    more: seconds === '' || isSet(BLOCKING) ? [] : [{ name: BLOCKING, value: seconds }],
  })
}

const BLOCKING = 'email.resend_after'
const ACCEPTED = "the JSON of LinOTP's SMTPEmailProvider"

function refused(name: string, reason: string, accepted: string): ProviderResult {
  const problem: Problem = { name, reason, accepted, severity: 'error' }
  return { outcome: 'refused', problems: [problem] }
}
