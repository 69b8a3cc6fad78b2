/** Secrets in right and wrong places of LinOTP's logins. */
import { expect } from 'vitest'
import type { Form } from '../support-http.ts'
import { type Bench, random } from './bench.ts'

/** Logs in by every route in every encoding, and sends a PIN where it does not belong. */
export async function linotpLogins({
  api,
  secrets,
  strays,
  shaped,
  encodings,
  person,
  mailedCode,
  signedIn,
}: Bench): Promise<void> {
  const session = await signedIn()
  for (const [encoding, send] of Object.entries(encodings)) {
    const one = await person(session)
    const { user, pin } = one
    const call = (route: string, what: string, form: Form) =>
      shaped(`LinOTP ${route} by ${encoding}: ${what}`, () =>
        send(`/linotp/validate/${route}`, { user, ...form }),
      )
    const wrong = secrets.add(`wrong PIN of ${user}`, random('wrong'))
    await call('check', 'wrong PIN', { pass: wrong })
    const asked = await call('check', 'PIN', { pass: pin })
    if (!asked.json.detail) continue // LinOTP does not read that encoding
    const { transactionid } = asked.json.detail
    const code = await mailedCode(one)
    await call('check', 'PIN before its time', { pass: pin })
    await call('simplecheck', 'PIN before its time', { pass: pin })
    await call('samlcheck', 'PIN before its time', { pass: pin })
    await call('check_s', 'PIN before its time', { pass: pin })
    await call('check_status', 'PIN', { pass: pin, transactionid })
    await call('check_t', 'PIN for an answer', { pass: pin, transactionid })
    await call('check', 'challenge', { pass: code, challenge: wrong })
    await call('check', 'error page', { pass: pin, httperror: '444' })
    const form = { pass: code, transactionid, auth_info: 'true' }
    expect((await call('check', 'code', form)).json.result.value).toBe(true)
    await call('check_t', 'code again', form)
  }
  const { user, pin } = await person(session)
  const stray = (where: string) => strays.add(`LinOTP PIN as ${where}`, random('Stray'))
  const places: Record<string, Form> = {
    user: { user: stray('user'), pass: pin },
    'realm before the user': { user: `${stray('realm')}\\${user}`, pass: pin },
    serial: { serial: stray('serial'), pass: pin },
    transaction: { user, transactionid: stray('transaction'), pass: 'x' },
    type: { user, token_type: stray('type'), pass: pin },
    status: { user, httperror: stray('status'), pass: 'x' },
  }
  for (const [place, form] of Object.entries(places)) {
    for (const route of ['check', 'check_s', 'check_t', 'check_status', 'simplecheck']) {
      await shaped(`LinOTP ${route} with a PIN as ${place}`, () =>
        api.post(`/linotp/validate/${route}`, form),
      )
    }
  }
}
