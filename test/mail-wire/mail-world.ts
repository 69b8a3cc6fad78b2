/** An Otpost in memory whose mail goes over real connections, set up as an administrator does it. */
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { chosenMailer } from '../../functions/adapters/chosen-mailer.ts'
import type { Attempt } from '../../functions/core/authenticate.ts'
import type { SettingChange } from '../../functions/core/edit-settings.ts'
import { editSettings } from '../../functions/core/edit-settings.ts'
import { readProviderConfig } from '../../functions/core/provider.ts'
import {
  type ProviderPorts,
  type ProviderResult,
  setProvider,
} from '../../functions/core/providers.ts'
import { isSecret } from '../../functions/core/settings-schema.ts'
import { parseSettings, type Settings } from '../../functions/core/settings.ts'
import { testGuard } from '../support/provider-guard.ts'
import { createWorld } from '../support/world.ts'

export const ALICE = 'alice@firma.example'
const BASE = {
  'realm.default': 'demo',
  'email.mailfrom': 'otp@example.org',
  'mail.per_hour': '0',
  'mail.per_day': '0',
  'token.max_failcount': '100',
}

export type MailWorld = Awaited<ReturnType<typeof createMailWorld>>

/** With a user `alice` (PIN 1234) who has a token, and no provider yet. */
export async function createMailWorld(settings: Record<string, string> = {}) {
  const values: Record<string, string> = { ...BASE, ...settings }
  const secrets: Record<string, string> = {}
  const versions = () => Object.fromEntries(Object.keys(secrets).map((name) => [name, 1]))
  const parsed = () => parseSettings(values, versions())

  const world = createWorld()
  world.ports.settings.current = async (): Promise<Settings> => parsed().settings
  world.deliverPorts.settings = world.ports.settings
  const ses = new SESv2Client({ region: 'eu-central-1', endpoint: 'http://127.0.0.1:1' })
  const secret = async (_settings: unknown, name: string) => secrets[name]
  const mailer = chosenMailer({ ses, secret })
  world.deliverPorts.mailer = mailer

  const editing: ProviderPorts = {
    providerGuard: testGuard(),
    parameters: {
      list: async () => ({ values: { ...values }, secrets: versions() }),
      async put(name, value) {
        const store = isSecret(name) ? secrets : values
        store[name] = value
      },
      async remove(name) {
        const store = isSecret(name) ? secrets : values
        return delete store[name]
      },
    },
    publish: async () => ({ version: 1, published: true, problems: parsed().problems }),
  }
  await world.enrol(await world.addUser('alice', ALICE), { serial: 'EMALICE' })

  return {
    ...world,
    editing,
    /** What is wrong with the settings. */
    problems: () => parsed().problems,
    /** Changes parameters; throws when they are refused. */
    async edit(...changes: SettingChange[]) {
      const result = await editSettings(editing, changes)
      if (result.outcome !== 'in_force') throw new Error(JSON.stringify(result))
    },
    /** Saves a provider: its JSON, as a person types it or as an object. */
    async save(name: string, config: unknown): Promise<ProviderResult> {
      const text = typeof config === 'string' ? config : JSON.stringify(config)
      const reading = readProviderConfig(text)
      if ('refused' in reading) {
        return {
          outcome: 'refused',
          problems: [{ name, reason: reading.refused, accepted: '', severity: 'error' }],
        }
      }
      return setProvider(editing, { name, ...reading.value, asDefault: 'if none' })
    },
    /** Asks for a code; how it ended, in the words of the delivery log. */
    async ask(attempt: Partial<Attempt> = {}) {
      const outcome = await world.check({ user: 'alice', pass: '1234', ...attempt })
      const lines = world.lines.splice(0)
      const about = (message: string) => lines.filter((line) => line.message === message)
      return { outcome, delivered: about('delivered'), failed: about('not delivered'), lines }
    },
  }
}
