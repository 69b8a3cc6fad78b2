/** Secrets in right and wrong places of privacyIDEA's logins. */
import { expect } from 'vitest'
import type { Answer, Form } from '../support-http.ts'
import { type Bench, random } from './bench.ts'

/** Logs in, wrongly and rightly, in every encoding. */
export async function logins({
  secrets,
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
    const check = (what: string, form: Form) =>
      shaped(`login by ${encoding}: ${what}`, () => send('/validate/check', { user, ...form }))
    const wrongPin = secrets.add(`wrong PIN of ${user}`, random('wrong'))
    await check('wrong PIN', { pass: wrongPin })
    const asked = await check('PIN', { pass: pin })
    const { transaction_id } = asked.json.detail
    const code = await mailedCode(one)
    await check('wrong PIN and code', { pass: wrongPin + code })
    await check('PIN for an answer', { transaction_id, pass: pin })
    await check('code without its challenge', { pass: code })
    expect((await check('code', { transaction_id, pass: code })).json.result.value).toBe(true)
    await check('code again', { state: transaction_id, pass: code })
    await check('PIN once more', { pass: pin })
    const next = await mailedCode(one)
    expect((await check('PIN and code', { pass: pin + next })).json.result.value).toBe(true)
    await check('PIN and code again', { pass: pin + next })
  }
}

/** Sends a PIN wherever it does not belong. */
export async function misplaced({
  api,
  strays,
  shaped,
  person,
  mailedCode,
  signedIn,
}: Bench): Promise<void> {
  const one = await person(await signedIn())
  const { user, pin, email } = one
  const stray = (where: string) => strays.add(`PIN as ${where}`, random('Stray'))
  const json = { 'content-type': 'application/json' }
  const places: Record<string, () => Promise<Answer>> = {
    user: () => api.post('/validate/check', { user: stray('user'), pass: pin }),
    'user of a realm': () =>
      api.post('/validate/check', { user: `${stray('user')}@demo`, pass: pin }),
    realm: () => api.post('/validate/check', { user, realm: stray('realm'), pass: pin }),
    serial: () => api.post('/validate/check', { serial: stray('serial'), pass: pin }),
    transaction: () =>
      api.post('/validate/check', { user, transaction_id: stray('transaction'), pass: pin }),
    'a name beside': () => api.post('/validate/check', { user, [stray('name')]: '', pass: pin }),
    'a name, twice': () => {
      const name = stray('name given twice')
      return api.send(`/validate/check?${name}=1&${name}=2`)
    },
    'pass, twice': () => api.send(`/validate/check?user=${user}&pass=${pin}&pass=${pin}`),
    'pass, as a list': () => api.json('POST', '/validate/check', { user, pass: [pin] }),
    'pass, as an object': () => api.json('POST', '/validate/check', { user, pass: { pin } }),
    'pass, too long': () => api.post('/validate/check', { user, pass: pin.repeat(300) }),
    'pass, alone': () => api.post('/validate/check', { pass: pin }),
    'a body that is not JSON': () =>
      api.send('/validate/check', { method: 'POST', headers: json, body: `{"pass": "${pin}"` }),
    'a JSON string': () =>
      api.send('/validate/check', { method: 'POST', headers: json, body: JSON.stringify(pin) }),
    'a broken multipart': () =>
      api.send('/validate/check', {
        method: 'POST',
        headers: { 'content-type': `multipart/form-data; boundary=${pin}` },
        body: `--${pin}\r\n${pin}`,
      }),
    'a header': () =>
      api.post('/validate/check', { user, pass: '' }, { 'x-pin': pin, cookie: pin }),
    'the user agent': () => api.post('/validate/check', { user, pass: '' }, { 'user-agent': pin }),
    'a session': () => api.post('/validate/triggerchallenge', { user }, { authorization: pin }),
    'basic credentials': () =>
      api.get(
        '/token/',
        {},
        { authorization: `Basic ${Buffer.from(`${user}:${pin}`).toString('base64')}` },
      ),
    'the path': () => api.send(`/validate/check/${stray('path')}`),
    'the path of a poll': () => api.send(`/validate/polltransaction/${stray('path of a poll')}`),
    'the query of another path': () => api.get('/nothing/here', { pass: pin }),
    'another method': () => api.send(`/validate/check?user=${user}&pass=${pin}`, { method: 'PUT' }),
    'an e-mail address': () =>
      api.post('/validate/check', { user: email, pass: pin, email: `${pin}@example.org` }),
  }
  for (const [place, send] of Object.entries(places)) await shaped(`PIN as ${place}`, send)
  await mailedCode(one)
}
