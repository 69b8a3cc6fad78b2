/** The profile `hardened` over HTTP: what a guesser is told, and what the audit says. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from './support-http.ts'
import { auditWith, type Stored, storedItems } from './support-rows.ts'
import { adminSession, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack, User } from './support.ts'

const PIN = '1234'

let world: TestStack
let headers: Record<string, string>
let stored: Stored
beforeAll(async () => {
  world = await startTestStack({ parameters: { profile: 'hardened' } })
  headers = await adminSession(world)
  stored = storedItems(world)
})
afterAll(() => world?.stack.stop())

/** All of an answer but what differs between two of the same: ids, times, signatures, lengths. */
function told({ status, text, headers: sent }: Answer): string {
  const names = [...sent.keys()].filter((name) => name !== 'apigw-requestid').sort()
  const body = text
    .replace(
      /"(id|time|signature|nonce|threadid|instance|request_id)": ?("[^"]*"|[\d.]+)/g,
      '"$1":#',
    )
    .replace(/\b(user|nobody)[-\w]*\b/g, '<user>')
  return JSON.stringify([status, names, body])
}

const TRIGGERS: Record<string, (user: string, pin: string) => Promise<Answer>> = {
  'privacyIDEA’s wire': (user, pass) => world.api.post('/validate/check', { user, pass }),
  'LinOTP’s wire': (user, pass) => world.api.post('/linotp/validate/check', { user, pass }),
  'LinOTP’s faces': (user, pass) => world.api.post('/linotp/validate/simplecheck', { user, pass }),
  '/v1/challenges': (user, pin) => world.api.json('POST', '/v1/challenges', { user, pin }),
  '/v1/authentications': (user, pass) =>
    world.api.json('POST', '/v1/authentications', { user, pass }),
  '/v1/self/sessions': (user, pin) => world.api.json('POST', '/v1/self/sessions', { user, pin }),
}

describe('R06: a user without an address', () => {
  let homeless: string
  let disabled: User
  beforeAll(async () => {
    homeless = `${(await world.addUser()).user}-homeless`
    await world.api.post('/user/', { user: homeless }, headers)
    const token = { type: 'email', user: homeless, pin: PIN, dynamic_email: '1' }
    const made = await world.api.post('/token/init', token, headers)
    expect(made.json.result.value, made.text).toBe(true)
    disabled = await world.addUser(PIN)
    await world.api.post('/token/disable', { user: disabled.user }, headers)
  })

  it.each(Object.keys(TRIGGERS))(
    'R06: is told by %s what everybody who is refused is told',
    async (way) => {
      const ask = TRIGGERS[way]!
      const { user } = await world.addUser(PIN)
      const refusals = {
        'no address': await ask(homeless, PIN),
        'unknown user': await ask('nobody', PIN),
        'wrong PIN': await ask(user, 'wrong'),
        'disabled token': await ask(disabled.user, PIN),
      }
      const seen = Object.entries(refusals).map(([why, answer]) => [why, told(answer)])
      const [first] = seen
      expect(seen).toEqual(seen.map(([why]) => [why, first![1]]))
    },
  )

  it('R06: gets no mail, and the audit alone says why', async () => {
    const mails = world.stack.messages().length
    for (const ask of Object.values(TRIGGERS)) {
      expect((await ask(homeless, PIN)).text).not.toMatch(/address|e-?mail/i)
    }
    expect(world.stack.messages()).toHaveLength(mails)
    const records = await auditWith(world, headers, { user: homeless }, { reason: 'no_address' })
    const logins = records.filter(({ administrator }) => administrator === undefined)
    expect(new Set(logins.map(({ reason }) => reason))).toEqual(new Set(['no_address']))
    expect(logins.filter(({ success }) => success !== false)).toEqual([])
  })
})

describe('N21: an answer', () => {
  const ANSWERS: Record<string, (user: string, id: string, otp: string) => Promise<Answer>> = {
    'privacyIDEA’s wire': (user, transaction_id, pass) =>
      world.api.post('/validate/check', { user, transaction_id, pass }),
    'LinOTP’s wire': (user, state, pass) =>
      world.api.post('/linotp/validate/check', { user, state, pass }),
    '/v1': (user, id, otp) => world.api.json('POST', `/v1/challenges/${id}/answer`, { user, otp }),
  }
  const asked = async () => {
    const person = await world.addUser(PIN)
    const id = await trigger(world, person)
    return { user: person.user, id, person, code: await world.nextCode(person.email) }
  }

  it.each(Object.keys(ANSWERS))(
    'N21: by %s is done or denied, and only the audit tells why',
    async (way) => {
      const answer = ANSWERS[way]!
      const [right, wrong, late] = [await asked(), await asked(), await asked()]
      const [replaced, other] = [await asked(), await asked()]
      const done = await answer(right.user, right.id, right.code)
      expect(done.status).toBe(200)
      await stored.setChallenges(late.id, { expiresAt: Date.now() - 1 })
      await trigger(world, replaced.person)
      const denied = {
        wrong: await answer(wrong.user, wrong.id, wrongCode(wrong.code)),
        used: await answer(right.user, right.id, right.code),
        expired: await answer(late.user, late.id, late.code),
        replaced: await answer(replaced.user, replaced.id, replaced.code),
        'of somebody else': await answer(other.user, wrong.id, wrong.code),
        'made up': await answer(other.user, '0'.repeat(20), other.code),
        'of nobody': await answer('nobody', other.id, other.code),
      }
      const seen = Object.entries(denied).map(([why, one]) => [why, told(one)])
      expect(seen).toEqual(seen.map(([why]) => [why, seen[0]![1]]))
      expect(told(done)).not.toBe(seen[0]![1])

      const reasons = [
        [wrong.user, 'wrong'],
        [late.user, 'closed'],
        [replaced.user, 'closed'],
        [other.user, 'unknown'],
      ] as const
      for (const [user, reason] of reasons) await auditWith(world, headers, { user }, { reason })
      await auditWith(world, headers, { user: right.user }, { success: true })
    },
  )
})
