/** Registration and change of an address, end to end, as far as administration and logins see them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminSession, answer, isAccepted, startTestStack, trigger } from './support.ts'
import type { TestStack } from './support.ts'

const URL = 'https://otp.example.org/self'
/** Functions keep their settings for seconds. */
const SOON = { timeout: 20_000 }

let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  world = await startTestStack({
    parameters: { 'address.check_domain': 'off', 'selfservice.url': URL },
  })
  headers = await adminSession(world)
})
afterAll(() => world.stack.stop())

const address = (method: string, user: string, body: object, path = '') =>
  world.api.json(method, `/v1/users/demo/${user}/address${path}`, body, headers)
const operator = (command: string, args: object) =>
  world.stack.invoke('otpost-local-operator', { command, args }) as Promise<any>

describe('a new address', () => {
  test('R18, R19, R26: gets a code that logs in on no wire', async () => {
    const { user, email, pin } = await world.addUser('1234')
    const { status, text } = await address('POST', user, { address: `${user}@new.example` })
    expect(status, text).toBe(202)
    const mail = await world.nextMail(`${user}@new.example`)
    expect(mail.subject).toBe('Confirm your e-mail address')
    const code = /^\d{6}$/m.exec(mail.text)![0]
    for (const wire of ['/validate/check', '/linotp/validate/check']) {
      const { text: told } = await world.api.post(wire, { user, pass: `${pin}${code}` })
      expect(told).not.toContain('"value": true')
      expect(told).not.toContain('ACCEPT')
    }
    const id = await trigger(world, { user, email, pin })
    expect(isAccepted(await answer(world, user, id, code))).toBe(false)
    expect((await world.nextMail(email)).subject).not.toBe(mail.subject)
  })

  test('R25, R28: takes the place of the old one, whose reader ends all logins', async () => {
    const person = await world.addUser('1234')
    const { user, email } = person
    await address('PUT', user, { address: `${user}@new.example` })
    await trigger(world, person)
    await world.nextMail(`${user}@new.example`)
    const notice = await world.nextMail(email)
    const reference = /#dispute=(\d{20})/.exec(notice.text)![1]
    const code = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}/.exec(notice.text)![0]
    const said = await world.api.json('POST', '/v1/self/disputes', { reference, code })
    expect(said.status, said.text).toBe(204)
    await expect(trigger(world, person)).rejects.toThrow('No challenge')
    const restored = await operator('user.address.restore', { user })
    expect(restored).toMatchObject({ ok: true, value: { email } })
    await trigger(world, person)
    expect((await world.nextMail(email)).subject).toBe('Your OTP')
    const secret = world.lines.some(({ text }) => text.includes(code))
    expect(secret).toBe(false)
  })

  test('R15, R14: is refused while registration is off, and logins while those are', async () => {
    const person = await world.addUser('1234')
    const patch = (parameters: Record<string, string | null>) =>
      world.mail.json('PATCH', '/api/parameters', parameters)
    const asks = async () =>
      (await address('POST', person.user, { address: 'a@new.example' })).json.type
    // a newcomer each time: who asks again and again runs out of guesses or mails, and is refused for that
    const logsIn = async () =>
      trigger(world, await world.addUser('1234')).then(
        () => true,
        () => false,
      )
    await patch({ 'allowed.reg.factors': 'password' })
    await expect.poll(asks, SOON).toBe('urn:otpost:problem:registration_off')
    expect(await logsIn()).toBe(true)
    await patch({ 'allowed.reg.factors': null, 'allowed.auth.factors': 'password' })
    await expect.poll(logsIn, SOON).toBe(false)
    await patch({ 'allowed.auth.factors': null })
    await expect.poll(logsIn, SOON).toBe(true)
  })
})
