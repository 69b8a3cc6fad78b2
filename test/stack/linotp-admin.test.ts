import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminSession, linotpSession, startTestStack } from './support.ts'
import type { TestStack } from './support.ts'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack()
})
afterAll(() => world.stack.stop())

test('a token is enrolled by LinOTP\u2019s wire with a cookie, and lets its owner in', async () => {
  const user = await world.addUser()
  const browser = await linotpSession(world)
  const init = { type: 'email', email_address: 'new@example.org', pin: 'pin', user: user.user }
  const cookie = browser.cookie!
  expect((await world.api.post('/linotp/admin/init', init, { cookie })).status).toBe(401)
  const enrolled = await world.api.post('/linotp/admin/init', init, browser)
  expect(enrolled.json).toMatchObject({ result: { status: true, value: true } })
  const { serial } = enrolled.json.detail

  const check = (form: Record<string, string>) => world.api.post('/linotp/validate/check', form)
  const asked = await check({ user: user.user, pass: 'pin' })
  expect(asked.json).toMatchObject({
    result: { status: true, value: false },
    detail: { linotp_tokenserial: serial },
  })
  const { transactionid } = asked.json.detail
  const status = () => world.api.get('/linotp/admin/checkstatus', { transactionid }, { cookie })
  expect(Object.keys((await status()).json.result.value.values)).toEqual([serial])
  const code = await world.nextCode('new@example.org')
  const answer = { user: user.user, pass: code, transactionid }
  expect((await check(answer)).json.result).toEqual({ status: true, value: true })
  expect((await check(answer)).json.result).toEqual({ status: true, value: false })
  expect((await status()).json.result.value.values).toEqual({})

  const removed = await world.api.post('/linotp/admin/remove', { serial }, browser)
  expect(removed.json.result.value).toBe(1)
  const { json } = await world.api.get('/audit/', { serial }, await adminSession(world))
  expect(json.result.value.auditdata).toContainEqual(
    expect.objectContaining({
      action: 'POST /linotp/admin/remove',
      administrator: 'admin',
      user: user.user,
      success: 1,
    }),
  )
})

test('a code that was asked for without the PIN is answered by LinOTP\u2019s wire', async () => {
  const { user, email } = await world.addUser('pin')
  const session = await adminSession(world)
  const asked = await world.api.post('/validate/triggerchallenge', { user }, session)
  const transactionid: string = asked.json.detail.transaction_id
  const form = { user, transactionid, pass: await world.nextCode(email) }
  const { json } = await world.api.post('/linotp/validate/check', form)
  expect(json.result).toEqual({ status: true, value: true })
})

test('signing out ends the session in every copy of its cookie', async () => {
  const browser = await linotpSession(world)
  const show = () => world.api.get('/linotp/admin/show', {}, browser)
  expect((await show()).status).toBe(200)
  const { headers } = await world.api.post('/linotp/admin/logout', {}, browser)
  expect(headers.getSetCookie()).toHaveLength(2)
  expect((await show()).status).toBe(401)
  expect((await world.api.get('/linotp/admin/show')).status).toBe(401)
})
