import type { Account } from '../../core/account.ts'
import type { Challenge } from '../../core/challenge.ts'
import type { LoginPolicy } from '../../core/login-policy.ts'
import type { Asked, Challenged } from '../../core/outcome.ts'
import type { Settings } from '../../core/settings.ts'
import { challengeText, joinedTexts } from './challenge-text.ts'
import type { Messages } from './messages.ts'

/** `detail` of an answer that says: a code is on its way. */
export function challengeDetail(
  { account, issued }: Challenged,
  { login }: LoginPolicy,
  { prompt }: Messages,
  settings: Settings,
): object {
  const entries = issued.map((challenge, index) => {
    const message = challengeText(login, { prompt, settings }, account, challenge)
    return entry(account, challenge, index, message)
  })
  const newest = entries.at(-1)!
  const messages = entries.map(({ message }) => message)
  return {
    ...newest,
    message: joinedTexts(login, messages),
    messages,
    multi_challenge: entries,
    preferred_client_mode: 'interactive',
    transaction_ids: entries.map(({ transaction_id }) => transaction_id),
  }
}

/** `state` is null in the first challenge of a transaction, as recorded of the reference. */
function entry(account: Account, challenge: Challenge, index: number, message: string) {
  const { transactionId, serial, expiresAt, createdAt } = challenge
  const due = account.tokens[serial]?.pinChangeDue
  return {
    attributes: { state: index === 0 ? null : transactionId, valid_until: naiveTime(expiresAt) },
    client_mode: 'interactive',
    message,
    serial,
    transaction_id: transactionId,
    type: 'email',
    ...(due === undefined ? {} : { next_pin_change: minuteOf(due), pin_change: due <= createdAt }),
  }
}

/** `detail` of an answer that says: something else is wanted before the person is let in. */
export function askedDetail(asked: Asked, messages: Messages): object {
  return asked.what === 'address' ? addressDetail(asked, messages) : newPinDetail(asked, messages)
}

function newPinDetail({ what, serial, transactionId }: Asked, messages: Messages): object {
  const message = what === 'new_pin' ? messages.newPin : messages.newPinAgain
  return {
    message,
    messages: [message],
    multi_challenge: [
      {
        attributes: null,
        client_mode: 'interactive',
        message,
        serial,
        transaction_id: transactionId,
        type: 'email',
      },
    ],
    preferred_client_mode: 'interactive',
    transaction_id: transactionId,
    transaction_ids: [transactionId],
  }
}

function addressDetail(asked: Asked, messages: Messages): object {
  const { account, serial, transactionId, text, optional = false } = asked
  const challenge = {
    client_mode: 'interactive',
    image: null,
    message: text ?? messages.address,
    serial,
    transaction_id: transactionId,
    type: 'email',
  }
  const [first] = Object.values(account.tokens)
  return {
    ...challenge,
    enroll_via_multichallenge: true,
    enroll_via_multichallenge_optional: optional,
    multi_challenge: [challenge],
    ...(first ? { otplen: first.digits } : {}),
    transaction_ids: [transactionId],
  }
}

/** UTC without a zone and with microseconds: `2026-11-21 01:18:53.805000`. */
const naiveTime = (ms: number) =>
  `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}000`

/** `2026-11-21T01:19+0000`. */
const minuteOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}+0000`
