/** How a login step that succeeded is told. */
import type { Accepted, Challenged, Outcome, Passed } from '../../core/authenticate.ts'
import { addressOf } from '../../core/budget.ts'
import { mailState } from '../../core/mail-fate.ts'
import type { Ports } from '../../core/ports.ts'
import type { Settings } from '../../core/settings.ts'
import { maskAddress } from '../../mail/mask-address.ts'
import type { Logged } from '../application.ts'
import { jsonReply, type Reply } from '../reply.ts'
import type { ReplyDoc } from './operation.ts'
import { refusal } from './refusal.ts'

const PROMPT = 'Enter the code from the e-mail.'

/** Renders the outcome of a login step. */
export async function loginReply(
  ports: Pick<Ports, 'settings'>,
  outcome: Outcome,
): Promise<Logged> {
  switch (outcome.outcome) {
    case 'accepted':
      return { outcome, reply: accepted(outcome) }
    case 'passed':
      return { outcome, reply: accepted(outcome) }
    case 'challenged':
      return { outcome, reply: challenged(outcome, await ports.settings.current()) }
    case 'asked':
      return { outcome, reply: await refusal(ports, { reason: 'step_missing' }) }
    case 'rejected':
      return { outcome, reply: await refusal(ports, outcome) }
  }
}

const accepted = ({ account, ...outcome }: Accepted | Passed): Reply =>
  jsonReply(200, {
    accepted: true,
    ...(account?.login === undefined ? {} : { user: account.login, realm: account.realm }),
    ...('serial' in outcome ? { serial: outcome.serial } : {}),
  })

function challenged(outcome: Challenged, settings: Settings): Reply {
  const body = challengeView(outcome, settings)
  return jsonReply(201, body, { location: `/v1/challenges/${body.transaction_id}` })
}

/** Codes on their way, and where they go, masked. */
export function challengeView(
  { account, issued }: Pick<Challenged, 'account' | 'issued'>,
  settings: Settings,
) {
  const { transactionId, expiresAt } = issued[0]!
  return {
    transaction_id: transactionId,
    expires_at: new Date(expiresAt).toISOString(),
    delivery: issued.every(({ delivery }) => delivery === 'sent') ? 'sent' : 'queued',
    challenges: issued.map(({ serial, dynamicAddress, ...mail }) => ({
      serial,
      delivery: mailState(mail),
      address: maskAddress(
        addressOf(account, account.tokens[serial]!, dynamicAddress) ?? '',
        settings['mask.address'],
      ),
    })),
    message: settings.EMAIL_CHALLENGE_PROMPT || PROMPT,
  }
}

const EXAMPLE_ID = '01234567890123456789'

export const acceptedReply: ReplyDoc = {
  description: 'The code was right, and is used up.',
  schema: {
    title: 'Accepted',
    type: 'object',
    properties: {
      accepted: { const: true },
      user: { type: 'string', description: 'Absent for a token that belongs to nobody.' },
      realm: { type: 'string' },
      serial: { type: 'string', description: 'Absent where a policy lets in without a token.' },
    },
    required: ['accepted'],
  },
  example: { accepted: true, user: 'alice', realm: 'default', serial: 'EM1A2B3C4D' },
}

export const DELIVERY = {
  type: 'string',
  enum: ['queued', 'sending', 'sent', 'delivered', 'delayed', 'bounced', 'failed'],
  description:
    'How the mail is doing. `sent`: a mail server has taken it over. What becomes of it then ' +
    '(`delivered` to the server of the mailbox, `delayed`, `bounced`) is known of mails by SES.',
}

export const challengedReply: ReplyDoc = {
  description: 'A code is on its way.',
  location: true,
  schema: {
    title: 'Challenge',
    type: 'object',
    properties: {
      transaction_id: { type: 'string', pattern: '^[0-9]{20}$' },
      expires_at: { type: 'string', format: 'date-time' },
      delivery: { type: 'string', enum: ['sent', 'queued'] },
      challenges: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            serial: { type: 'string' },
            delivery: DELIVERY,
            address: { type: 'string', description: 'Where the code goes, masked.' },
          },
          required: ['serial', 'delivery', 'address'],
        },
      },
      message: { type: 'string', description: 'What to ask the person for.' },
    },
    required: ['transaction_id', 'expires_at', 'delivery', 'challenges', 'message'],
  },
  example: {
    transaction_id: EXAMPLE_ID,
    expires_at: '2026-11-21T12:02:00.000Z',
    delivery: 'sent',
    challenges: [{ serial: 'EM1A2B3C4D', delivery: 'sent', address: 'al********@e****.org' }],
    message: PROMPT,
  },
}
