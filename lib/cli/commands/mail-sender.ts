/** `otpost mail-sender …`: who sends mail and how, in one place. */
import { text } from 'node:stream/consumers'
import { readFile, writeFile } from 'node:fs/promises'
import { readJsonObject } from '../../../functions/core/json-text.ts'
import {
  type MailSenderResult,
  type MailSenderView,
  setMailSender,
  showMailSender,
} from '../../../functions/core/mail-sender.ts'
import type { Sent } from '../../../functions/core/ports.ts'
import type { Command, Invocation, Option, Options } from '../command.ts'
import { CommandFailure, UsageError } from '../errors.ts'
import {
  givenManaged,
  guarded,
  MANAGED_OPTIONS,
  managedArguments,
  OVERRIDE_OPTION,
  overrides,
} from '../managed.ts'
import { textOption, textOptions } from '../options.ts'
import { optionalSecret, optionalSecretOptions } from '../secrets.ts'
import { call, type Target } from '../target.ts'
import { details } from '../text.ts'
import { inForce } from './provider-result.ts'

const MEMBERS = {
  kind: { value: '<smtp|ses>', about: 'who sends: a mail server or Amazon SES' },
  host: { value: '<host>', about: 'the mail server' },
  port: { value: '<port>', about: '25, 587 with starttls, 465 with implicit, unless given' },
  tls: { value: '<none|starttls|implicit>', about: 'how the connection is encrypted' },
  authentication: { value: '<on|off>', about: 'whether somebody logs in to the server' },
  username: { value: '<user>', about: 'who logs in' },
  sender: { value: '<address>', about: 'the sender' },
  subject: { value: '<text>', about: 'the subject of its mails' },
  timeout: { value: '<seconds>', about: 'how long it may take to accept a mail' },
} as const satisfies Record<string, Option>

const DESCRIBING = {
  ...MEMBERS,
  ...optionalSecretOptions('password'),
  ...MANAGED_OPTIONS,
}

const show: Command = {
  path: ['mail-sender', 'show'],
  about: 'Shows who sends mail and how; the password is masked.',
  examples: ['npx otpost mail-sender show', 'npx otpost mail-sender show --stage prod --json'],
  async run({ target }) {
    const value = await showMailSender(await target())
    return { value, text: details({ ...value }) }
  },
}

const set: Command = {
  path: ['mail-sender', 'set'],
  about: 'Changes the mail sender; what is not given stays.',
  options: {
    ...DESCRIBING,
    'recipient-mask': { value: '<sample>', about: 'how addresses are shown before login' },
    'if-version': { value: '<version>', about: 'only if nobody has changed it since' },
  },
  notes: 'A password stays only where it was given for: the same server and user.',
  examples: [
    'npx otpost mail-sender set --kind smtp --host smtp.example.org --tls starttls --sender otp@example.org',
    'npx otpost mail-sender set --host smtp.example.org --tls implicit --username noreply --ask-password',
    'npx otpost mail-sender set --authentication off --stage prod',
  ],
  async run(invocation) {
    const { options } = invocation
    const target = await invocation.target()
    const result = await setMailSender(editing(target, invocation), {
      members: membersOf(options),
      password: await optionalSecret(invocation, 'password'),
      managed: await givenManaged(invocation),
      recipientMask: textOption(options, 'recipient-mask'),
      ifVersion: textOption(options, 'if-version'),
    })
    return outcome(result, target)
  },
}

const test: Command = {
  path: ['mail-sender', 'test'],
  about: 'Has the service send a mail without a code, and tells what the server said.',
  options: {
    to: { value: '<address>', about: 'who gets the mail' },
    text: { value: '<text>', about: 'what it says' },
    ...DESCRIBING,
  },
  notes: 'With options that describe the sender, it is tried with them, and nothing is stored.',
  examples: [
    'npx otpost mail-sender test --to me@example.org --text Hello --stage prod',
    'npx otpost mail-sender test --to me@example.org --host new.example.org --tls starttls',
  ],
  async run(invocation) {
    const { options } = invocation
    const to = textOption(options, 'to')
    if (to === undefined) throw new UsageError('--to <address> is missing.')
    const password = await optionalSecret(invocation, 'password')
    const settings = { ...membersOf(options), ...(password === undefined ? {} : { password }) }
    const managed = await managedArguments(invocation)
    const args = { to, text: textOption(options, 'text'), settings, ...managed }
    const value = await call<Sent>(await invocation.target(), 'mailsender.test', args)
    const says = value.sent ? 'The mail server took the mail' : 'The mail was not sent'
    return { value, text: `${says}: ${value.reply}\n`, failed: !value.sent }
  },
}

const exportSender: Command = {
  path: ['mail-sender', 'export'],
  about: 'Writes the mail sender as JSON, without its password.',
  operands: [{ name: 'file', optional: true }],
  options: OVERRIDE_OPTION,
  notes:
    'Without a file it goes to standard output. Of a managed provider only --override-managed\nwrites more than its kind and time-out.',
  examples: [
    'npx otpost mail-sender export sender.json',
    'npx otpost mail-sender export --stage prod',
  ],
  async run(invocation) {
    const [file] = invocation.operands
    const target = await invocation.target()
    const value = exported(await showMailSender(target, overrides(invocation)))
    const json = `${JSON.stringify(value, undefined, 2)}\n`
    if (file === undefined) return { value, text: json }
    await writeFile(file, json, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw new CommandFailure(`The file ${file} cannot be written (${error.code}).`)
    })
    return { value, text: `Written to ${file}.\n` }
  },
}

const importSender: Command = {
  path: ['mail-sender', 'import'],
  about: 'Sets the mail sender from what another one exported.',
  operands: [{ name: 'file' }],
  options: { ...optionalSecretOptions('password'), ...MANAGED_OPTIONS },
  notes: '- reads standard input. The password is not in the file: give it, where there is a user.',
  examples: [
    'npx otpost mail-sender import sender.json --ask-password --stage prod',
    'npx otpost mail-sender export | npx otpost mail-sender import - --stage prod',
  ],
  async run(invocation) {
    const { operands, io } = invocation
    const [file = ''] = operands
    const reading = readJsonObject(await contentOf(file, io))
    if ('refused' in reading) throw invalid(`The mail sender ${reading.refused}.`)
    const { recipient_mask: mask, password: typed, ...members } = reading.value
    if (typed !== undefined) throw invalid('The file holds a password: take it out, and change it.')
    const target = await invocation.target()
    const result = await setMailSender(editing(target, invocation), {
      members,
      password: await optionalSecret(invocation, 'password'),
      managed: await givenManaged(invocation),
      recipientMask: mask === undefined ? undefined : String(mask),
    })
    return outcome(result, target)
  },
}

export const MAIL_SENDER_COMMANDS = [show, set, test, exportSender, importSender]

const editing = (target: Target, invocation: Invocation) => ({
  parameters: target.parameters,
  publish: () => target.configure(),
  ...guarded(target, invocation),
})

function membersOf(options: Options): Record<string, unknown> {
  const { authentication, ...members } = textOptions(options, Object.keys(MEMBERS))
  if (authentication === undefined) return members
  if (authentication !== 'on' && authentication !== 'off') {
    throw new UsageError('--authentication is on or off.')
  }
  return { ...members, authentication_required: authentication === 'on' }
}

/** What another deployment can take: neither what is stored where, nor a mask of a secret. */
function exported({
  provider: _name,
  password: _mask,
  version: _version,
  managed: _managed,
  ...rest
}: MailSenderView) {
  return rest
}

async function outcome(result: MailSenderResult, target: Target) {
  if (result.outcome === 'changed meanwhile') {
    const message = `Nothing was changed: the version in place is ${result.version}.`
    throw new CommandFailure(message, { code: 'conflict', parameter: 'if-version' })
  }
  const told = await inForce(result, target, '', 'The mail sender is set.')
  const { version } = await showMailSender(target)
  return { ...told, value: { ...(told.value as object), name: undefined, version } }
}

async function contentOf(file: string, io: Invocation['io']): Promise<string> {
  if (file === '-') return text(io.stdin)
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`The file ${file} cannot be read (${error.code}).`, {
      code: 'not_found',
    })
  })
}

const invalid = (message: string) => new CommandFailure(message, { code: 'invalid_argument' })
