/** The self-service end to end: what people do by themselves, and what nobody can do for them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  answer,
  codeIn,
  isAccepted,
  selfServiceSession,
  startTestStack,
  trigger,
  wrongCode,
} from './support.ts'
import type { TestStack, User } from './support.ts'

const PIN = '1234'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack({
    parameters: {
      'address.check_domain': 'off',
      'selfservice.reauth_minutes': '1',
      'selfservice.url': 'https://otp.example.org/self',
    },
  })
})
afterAll(() => world.stack.stop())

const call = (method: string, path: string, body?: object, session?: string) =>
  world.api.send(`/v1/self${path}`, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(session ? { authorization: `Bearer ${session}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })

const asks = ({ user, pin }: User) => call('POST', '/sessions', { user, pin })

const signsIn = (person: User) => selfServiceSession(world, person)

const serialOf = async (session: string): Promise<string> =>
  (await call('GET', '/tokens', undefined, session)).json.tokens[0].serial

describe('a sign-in', () => {
  test('N16, N20, N21, R11: asked for at the endpoint, prompted, typed by hand, done or denied', async () => {
    const person = await world.addUser(PIN)
    const asked = await asks(person)
    expect(asked.status).toBe(202)
    expect(asked.json).toMatchObject({
      message: expect.stringMatching(/code/i),
      challenges: [{ address: expect.stringContaining('*') }],
    })
    expect(asked.text).not.toContain(person.email)
    const otp = await world.nextCode(person.email)
    const answers = (typed: string) =>
      call('POST', '/sessions', {
        ...{ user: person.user, transaction_id: asked.json.transaction_id, otp: typed },
      })
    expect((await answers(wrongCode(otp))).status).toBe(403)
    expect((await answers(`${otp.slice(0, 3)}-${otp.slice(3)}`)).status).toBe(201)
    expect((await answers(otp)).status).toBe(403)
  })

  test('its code and those of logins are not for each other', async () => {
    const person = await world.addUser(PIN)
    const { json } = await asks(person)
    const own = await world.nextCode(person.email)
    expect(isAccepted(await answer(world, person.user, json.transaction_id, own))).toBe(false)
    const id = await trigger(world, person)
    const otp = await world.nextCode(person.email)
    const step = { user: person.user, transaction_id: id, otp }
    expect((await call('POST', '/sessions', step)).status).toBe(403)
    expect(isAccepted(await answer(world, person.user, id, otp))).toBe(true)
  })
})

test('N15: a test code passes or fails, and lets nobody in', async () => {
  const person = await world.addUser(PIN)
  const session = await signsIn(person)
  const serial = await serialOf(session)
  const { json } = await call('POST', `/tokens/${serial}/test`, undefined, session)
  const otp = await world.nextCode(person.email)
  expect(isAccepted(await answer(world, person.user, json.transaction_id, otp))).toBe(false)
  const linotp = { user: person.user, state: json.transaction_id, pass: otp }
  expect((await world.api.post('/linotp/validate/simplecheck', linotp)).text).toBe(':-(')
  const combined = await world.api.post('/validate/check', { user: person.user, pass: PIN + otp })
  expect(isAccepted(combined)).toBe(false)

  const path = `/tokens/${serial}/test/${json.transaction_id}`
  expect((await call('POST', path, { otp: wrongCode(otp) }, session)).json).toEqual({
    passed: false,
  })
  expect((await call('POST', path, { otp }, session)).json).toEqual({ passed: true })
})

describe('an address', () => {
  test('R22, R24: is replaced by another one, which gets the codes once it has proven itself', async () => {
    const person = await world.addUser(PIN)
    const session = await signsIn(person)
    const email = `new.${person.email}`
    const { status, json } = await call('POST', '/address', { address: email }, session)
    expect([status, json.reason]).toEqual([202, 'update'])
    const otp = await world.nextCode(email)
    expect(isAccepted(await answer(world, person.user, json.transaction_id, otp))).toBe(false)

    const id = await trigger(world, person)
    const before = await world.nextCode(person.email)
    expect(isAccepted(await answer(world, person.user, id, before))).toBe(true)

    const proof = { transaction_id: json.transaction_id, otp }
    const confirmed = await call('POST', '/address/confirmations', proof, session)
    expect(confirmed.status, confirmed.text).toBe(200)
    const notice = await world.nextMail(person.email)
    expect(notice.text).toContain('https://otp.example.org/self')
    await trigger(world, person)
    expect(codeIn(await world.nextMail(email))).toMatch(/^\d{6}$/)
  })

  test("is not another person's to change", async () => {
    const [one, other] = (await world.addUsers(2, PIN)) as [User, User]
    const [mine, theirs] = [await signsIn(one), await signsIn(other)]
    const address = `new.${one.email}`
    const { json } = await call('POST', '/address', { address }, mine)
    const proof = { transaction_id: json.transaction_id, otp: await world.nextCode(address) }
    expect((await call('POST', '/address/confirmations', proof, theirs)).status).toBe(403)
    const serial = await serialOf(mine)
    for (const act of ['test', 'enable', 'disable', 'revoke']) {
      const refused = await call('POST', `/tokens/${serial}/${act}`, undefined, theirs)
      expect(refused.status, act).toBe(404)
    }
  })
})

test('a new PIN ends every session before, and the old PIN', async () => {
  const person = await world.addUser(PIN)
  const [one, other] = [await signsIn(person), await signsIn(person)]
  const changed = await call('PUT', '/pin', { old: PIN, new: '98765' }, one)
  expect(changed.status, changed.text).toBe(201)
  const statuses = [one, other, changed.json.session].map(
    async (session) => (await call('GET', '', undefined, session)).status,
  )
  expect(await Promise.all(statuses)).toEqual([401, 401, 200])
  expect((await asks(person)).status).toBe(403)
  expect((await asks({ ...person, pin: '98765' })).status).toBe(202)
})

test('R23: a session says until when it may change a factor, as the parameter has it', async () => {
  const person = await world.addUser(PIN)
  const session = await signsIn(person)
  const { json } = await call('GET', '', undefined, session)
  const fresh = Date.parse(json.session.fresh_until) - Date.parse(json.session.auth_time)
  expect(fresh).toBe(60_000)
})
