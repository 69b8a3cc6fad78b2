/** Secrets in right and wrong places of `/v1`. */
import { expect } from 'vitest'
import type { Form } from '../support-http.ts'
import { type Bench, PASSWORD, random } from './bench.ts'

/** Logs in and administers, wrongly and rightly. */
export async function v1({
  api,
  secrets,
  strays,
  shaped,
  person,
  mailedCode,
  signedIn,
}: Bench): Promise<void> {
  const session = await signedIn()
  const bearer = { authorization: `Bearer ${session.authorization}` }
  const one = await person(session)
  const { user, pin } = one
  const post = (path: string, body: object, headers: Form = {}) =>
    shaped(`POST ${path} ${Object.keys(body)}`, () => api.json('POST', path, body, headers))
  const secret = (name: string) => secrets.add(name, random('V1'))
  const asked = await post('/v1/challenges', { user, pin })
  const code = await mailedCode(one)
  await post('/v1/challenges', { user, pin: secret('wrong PIN') })
  await post('/v1/challenges', { user, pin: [pin] })
  await post('/v1/challenges', { user, pni: pin })
  const answerPath = `/v1/challenges/${asked.json.transaction_id}/answer`
  await post(answerPath, { user, otp: pin })
  await post(answerPath, { user, code })
  expect((await post(answerPath, { user, otp: code })).status).toBe(200)
  await post(answerPath, { user, otp: code, serial: 'EM1' })
  await post('/v1/authentications', { user, pass: pin })
  const next = await mailedCode(one)
  await post('/v1/authentications', { user, pass: pin + next, realm: 'demo' })
  await post('/v1/authentications', { user, pass: secret('wrong pass') })
  const signed = await post('/v1/sessions', { username: 'root', password: PASSWORD })
  if (signed.json?.token) strays.add('session of /v1', signed.json.token)
  await post('/v1/sessions', { username: 'root', password: secret('wrong password') })
  await post('/v1/users', { user: 'v1', email: 'v1@example.org', password: pin }, bearer)
  await post('/v1/users', { user: 'v1', email: 'v1@example.org' }, bearer)
  const made = await post('/v1/tokens', { user: 'v1', pin: secret('PIN') }, bearer)
  await post('/v1/tokens', { user: 'v1', secret: secret('secret') }, bearer)
  const { serial } = made.json
  const newPin = { pin: secret('new PIN') }
  await shaped('PATCH a token', () => api.json('PATCH', `/v1/tokens/${serial}`, newPin, bearer))
  for (const path of ['/v1/users', '/v1/tokens', `/v1/tokens/${serial}`, '/healthz']) {
    await shaped(`GET ${path}`, () => api.send(path, { headers: bearer }))
  }
}
