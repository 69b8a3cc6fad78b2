import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  adminSession,
  answer,
  codeIn,
  isAccepted,
  logsIn,
  startTestStack,
  trigger,
  wrongCode,
} from './support.ts'
import type { TestStack, User } from './support.ts'

/** RFC 4226, appendix D. */
const RFC_SEED = '3132333435363738393031323334353637383930'
const ALICE: User = { user: 'alice', email: 'alice@example.org', pin: '1234' }
const CONCURRENT = 'email.concurrent_challenges'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack()
})
afterAll(() => world.stack.stop())

const check = (form: Record<string, string>) => world.api.post('/validate/check', form)
const patch = (parameters: Record<string, string | null>) =>
  world.mail.json('PATCH', '/api/parameters', parameters)

describe('the first login of the README', () => {
  test('R04, R13, L02: mails a code, lets in with it typed elsewhere, and nobody again', async () => {
    await world.mail.send('/api/messages', { method: 'DELETE' })
    const asked = await check({ user: 'alice', pass: '1234' })
    expect(asked.json).toMatchObject({
      result: { status: true, value: false, authentication: 'CHALLENGE' },
      detail: { transaction_id: expect.stringMatching(/^\d{20}$/), client_mode: 'interactive' },
    })
    expect(asked.json.detail).not.toHaveProperty('otp')

    const { json: mails } = await world.mail.get('/api/messages')
    expect(mails).toEqual([
      {
        id: expect.any(String),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        from: 'otpost@localhost.example',
        to: ['alice@example.org'],
        subject: 'Your OTP',
        text: expect.stringMatching(/^\d{6}$/m),
        html: expect.any(String),
        raw: expect.stringContaining('Auto-Submitted: auto-generated\r\n'),
      },
    ])

    const form = {
      user: 'alice',
      transaction_id: asked.json.detail.transaction_id,
      pass: codeIn(mails[0]),
    }
    const first = await check(form)
    expect(first.status).toBe(200)
    expect(first.json.result).toEqual({ status: true, value: true, authentication: 'ACCEPT' })
    const again = await check(form)
    expect(again.status).toBe(200)
    expect(again.json.result).toEqual({ status: true, value: false, authentication: 'REJECT' })
  })

  test("by LinOTP's wire, by the same ids and with the mail kept back while it is young", async () => {
    const { user, email, pin } = await world.addUser('1234')
    const simple = (form: Record<string, string>) =>
      world.api.post('/linotp/validate/simplecheck', form)
    const asked = await simple({ user, pass: pin })
    const [, state = ''] = /^:-\( (\d{20}) e-mail sent successfully$/.exec(asked.text) ?? []
    const pass = await world.nextCode(email)
    const again = await simple({ user, pass: pin })
    expect(again.text).toBe(`:-( ${state} e-mail with otp already submitted`)
    expect((await simple({ user, state, pass: wrongCode(pass) })).text).toBe(':-(')
    expect((await simple({ user, state, pass })).text).toBe(':-)')
    expect((await simple({ user, state, pass })).text).toBe(':-(')

    const next = await world.api.post('/linotp/validate/check', { user, pass: pin })
    const code = await world.nextCode(email)
    const elsewhere = await answer(world, user, next.json.detail.transactionid, code)
    expect(isAccepted(elsewhere)).toBe(true)
  })

  test('R12: refuses a wrong code and still takes the right one', async () => {
    const user = await world.addUser('1234')
    const id = await trigger(world, user)
    const code = await world.nextCode(user.email)
    expect(isAccepted(await answer(world, user.user, id, wrongCode(code)))).toBe(false)
    expect(isAccepted(await answer(world, user.user, id, code))).toBe(true)
  })

  test('takes the code from nobody else and for no other challenge', async () => {
    const [one, other] = (await world.addUsers(2)) as [User, User]
    const [id, otherId] = [await trigger(world, one), await trigger(world, other)]
    const code = await world.nextCode(one.email)
    expect(isAccepted(await answer(world, other.user, id, code))).toBe(false)
    expect(isAccepted(await answer(world, one.user, otherId, code))).toBe(false)
    expect(isAccepted(await answer(world, one.user, id, code))).toBe(true)
  })

  test('L03, R09: mails for the PIN of the user only, and to the stored address only', async () => {
    const [one, other] = [await world.addUser('1234'), await world.addUser('4711')]
    expect(isAccepted(await check({ user: one.user, pass: other.pin }))).toBe(false)
    const elsewhere = 'elsewhere@example.net'
    const wishes = { email: elsewhere, to: elsewhere, recipient: elsewhere, address: elsewhere }
    await check({ user: one.user, pass: one.pin, ...wishes })
    await world.nextMail(one.email)
    const others = world.stack.messages().filter(({ to }) => !to.includes(one.email))
    expect(others.filter(({ to }) => to.includes(other.email))).toEqual([])
    expect(others.filter(({ to }) => to.includes(elsewhere))).toEqual([])
    expect(world.unreadMails(one.email)).toEqual([])
  })

  test('shows the mail page empty once its mails are deleted', async () => {
    await logsIn(world, await world.addUser())
    const deleted = await world.mail.send('/api/messages', { method: 'DELETE' })
    expect(deleted.status).toBe(204)
    expect((await world.mail.get('/api/messages')).json).toEqual([])
  })
})

describe('the ways to answer', () => {
  test('L05: PIN and code in one, once, with nothing kept in between', async () => {
    const user = await world.addUser('1234')
    await trigger(world, user)
    const pass = user.pin + (await world.nextCode(user.email))
    expect((await check({ user: user.user, pass })).json.result.value).toBe(true)
    expect((await check({ user: user.user, pass })).json).toMatchObject({
      result: { value: false, authentication: 'REJECT' },
      detail: { message: 'wrong otp value. previous otp used again' },
    })
  })

  test('the code with `state`, as RADIUS servers send it', async () => {
    const user = await world.addUser()
    const state = await trigger(world, user)
    const pass = await world.nextCode(user.email)
    expect(isAccepted(await check({ user: user.user, state, pass }))).toBe(true)
  })

  test('by GET, as some plugins do', async () => {
    const { user, email, pin } = await world.addUser('1234')
    const asked = await world.api.get('/validate/check', { user, pass: pin })
    const { transaction_id } = asked.json.detail
    const pass = await world.nextCode(email)
    const query = { user, pass, transaction_id }
    expect(isAccepted(await world.api.get('/validate/check', query))).toBe(true)
    expect(isAccepted(await world.api.get('/validate/check', query))).toBe(false)
  })

  test('JSON instead of a form', async () => {
    const { user, email, pin: pass } = await world.addUser('1234')
    const asked = await world.api.json('POST', '/validate/check', { user, pass })
    const { transaction_id } = asked.json.detail
    const reply = { user, transaction_id, pass: await world.nextCode(email) }
    expect(isAccepted(await world.api.json('POST', '/validate/check', reply))).toBe(true)
  })
})

describe('/validate/triggerchallenge', () => {
  test('L06: mails a code without a PIN to whom an administrator names', async () => {
    const { user, email } = await world.addUser('1234')
    const session = await adminSession(world)
    const asked = await world.api.post('/validate/triggerchallenge', { user }, session)
    expect(asked.json.result).toEqual({ status: true, value: 1, authentication: 'CHALLENGE' })
    const { transaction_id: id } = asked.json.detail
    const reply = await answer(world, user, id, await world.nextCode(email))
    expect(isAccepted(reply)).toBe(true)
  })

  test('is not there any more for whose sessions were revoked', async () => {
    const { user } = await world.addUser('1234')
    const operate = (command: string, args: object) =>
      world.stack.invoke('otpost-local-operator', { command, args })
    await operate('admin.add', { name: 'revoked', password: 'correct horse battery' })
    const signIn = { username: 'revoked', password: 'correct horse battery' }
    const { json } = await world.api.post('/auth', signIn)
    const session = { authorization: json.result.value.token }
    const asked = await world.api.post('/validate/triggerchallenge', { user }, session)
    expect(asked.status).toBe(200)
    await operate('admin.revoke_sessions', { name: 'revoked' })
    const refused = await world.api.post('/validate/triggerchallenge', { user }, session)
    expect(refused.status).toBe(401)
    expect(refused.json.result.error.message).toContain('has been ended')
  })

  test('is not there for anybody else', async () => {
    const { user } = await world.addUser('1234')
    const refused = await world.api.post('/validate/triggerchallenge', { user })
    expect(refused.status).toBe(401)
    expect(refused.json.result.status).toBe(false)
  })
})

describe('tokens', () => {
  test('go from enrolment over login, disabling and a new PIN to their end', async () => {
    const session = await adminSession(world)
    const email = 'dora@example.org'
    const admin = (path: string, form: Record<string, string>) =>
      world.api.post(path, form, session)
    expect((await admin('/user/', { user: 'dora', email })).json.result.value).toBe('dora')
    const enrolled = await admin('/token/init', { user: 'dora', email, pin: '4711', type: 'email' })
    expect(enrolled.json.result).toEqual({ status: true, value: true })
    const { serial } = enrolled.json.detail
    expect(await logsIn(world, { user: 'dora', email, pin: '4711' })).toBe(true)

    expect((await admin('/token/disable', { serial })).json.result.value).toBe(1)
    expect((await check({ user: 'dora', pass: '4711' })).json).toMatchObject({
      result: { value: false, authentication: 'REJECT' },
      detail: { message: 'Token is disabled' },
    })
    expect((await admin('/token/enable', { serial })).json.result.value).toBe(1)
    expect(await logsIn(world, { user: 'dora', email, pin: '4711' })).toBe(true)

    expect((await admin('/token/setpin', { serial, otppin: '0815' })).json.result.value).toBe(1)
    const oldPin = await check({ user: 'dora', pass: '4711' })
    expect(oldPin.json.result.authentication).toBe('REJECT')
    expect(await logsIn(world, { user: 'dora', email, pin: '0815' })).toBe(true)

    const listed = await world.api.get('/token/', { user: 'dora' }, session)
    expect(listed.json.result.value.tokens).toMatchObject([{ serial, tokentype: 'email' }])
    const init = { method: 'DELETE', headers: session }
    expect((await world.api.send(`/token/${serial}`, init)).json.result.value).toBe(1)
    expect((await check({ user: 'dora', pass: '0815' })).json).toMatchObject({
      result: { value: false },
      detail: { message: 'The user has no tokens assigned' },
    })
  })

  test('L01: mail the HOTP values of their secret in turn (RFC 4226, appendix D)', async () => {
    const session = await adminSession(world)
    const email = 'rfc@example.org'
    await world.api.post('/user/', { user: 'rfc', email }, session)
    await world.api.post(
      '/token/init',
      { user: 'rfc', type: 'email', email, otpkey: RFC_SEED },
      session,
    )
    for (const expected of ['287082', '359152', '969429']) {
      const id = await trigger(world, { user: 'rfc', email, pin: '' })
      const code = await world.nextCode(email)
      expect(code).toBe(expected)
      expect(isAccepted(await answer(world, 'rfc', id, code))).toBe(true)
    }
  })

  test('of one user are asked together, and any one of them answers for all', async () => {
    const session = await adminSession(world)
    await world.api.post('/user/', { user: 'twin', email: 'twin@example.org' }, session)
    const addresses = ['twin-a@example.org', 'twin-b@example.org'] as const
    for (const email of addresses) {
      await world.api.post(
        '/token/init',
        { user: 'twin', type: 'email', email, pin: '1234' },
        session,
      )
    }
    const asked = await check({ user: 'twin', pass: '1234' })
    const { transaction_id: id, multi_challenge: challenges } = asked.json.detail
    expect(challenges).toHaveLength(2)
    expect(new Set(challenges.map((one: { serial: string }) => one.serial)).size).toBe(2)
    const [a, b] = [await world.nextCode(addresses[0]), await world.nextCode(addresses[1])]
    expect(isAccepted(await answer(world, 'twin', id, b))).toBe(true)
    expect(isAccepted(await answer(world, 'twin', id, a))).toBe(false)
  })
})

describe('parameters', () => {
  /** Asks for two codes and tells whether the older one still lets in. */
  async function olderCodeWorks(): Promise<boolean> {
    const user = await world.addUser()
    const older = await trigger(world, user)
    const code = await world.nextCode(user.email)
    await trigger(world, user)
    return isAccepted(await answer(world, user.user, older, code))
  }
  test('T02, P16: concurrent challenges are off, on by PATCH and off by PUT, in force without a restart', async () => {
    expect(await olderCodeWorks()).toBe(false)
    expect((await patch({ [CONCURRENT]: 'true' })).json.configure).toMatchObject({ problems: [] })
    await expect.poll(olderCodeWorks).toBe(true)

    const { [CONCURRENT]: _on, ...rest } = (await world.mail.get('/api/parameters')).json
    expect((await world.mail.json('PUT', '/api/parameters', rest)).status).toBe(200)
    await expect.poll(olderCodeWorks).toBe(false)
  })

  test('a wrong one is refused by name, and what was in force stays in force', async () => {
    const subject = async () => {
      const user = await world.addUser()
      await trigger(world, user)
      return (await world.nextMail(user.email)).subject
    }
    await patch({ 'email.subject': 'Hello' })
    await expect.poll(subject).toBe('Hello')
    const refused = await patch({ 'email.subject': 'Hi', 'email.validtime': 'soon' })
    expect(refused.json.configure).toMatchObject({
      published: false,
      problems: [{ severity: 'error', name: 'email.validtime', value: 'soon' }],
    })
    expect(await subject()).toBe('Hello')
    await patch({ 'email.subject': null, 'email.validtime': null })
  })

  test('Amazon SES instead of a mail server, into the same mailbox', async () => {
    await patch({ 'mail.provider': 'ses' })
    const sentBySes = async () => {
      const user = await world.addUser()
      const id = await trigger(world, user)
      const message = await world.nextMail(user.email)
      expect(isAccepted(await answer(world, user.user, id, codeIn(message)))).toBe(true)
      const delivered = ({ fields }: TestStack['lines'][number]) =>
        fields.message === 'delivered' && fields.reply === message.id
      return world.lines.some(delivered)
    }
    await expect.poll(sentBySes).toBe(true)
    await patch({ 'mail.provider': 'smtp' })
    expect(await logsIn(world, ALICE)).toBe(true)
  })
})
