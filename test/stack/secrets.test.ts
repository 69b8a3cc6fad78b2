/** Drives every wire with secrets in right and wrong places, then looks for them everywhere. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clients } from '../lib/local/clients.ts'
import { httpClient, type Answer, type Form, type HttpClient } from './support-http.ts'
import { Secrets } from './support-secrets.ts'
import { codeIn, startTestStack } from './support.ts'
import type { TestStack } from './support.ts'

/** In nothing at all but the mailbox: codes, seeds, PINs and passwords. */
const secrets = new Secrets()
/** Sent where a name belongs, so that an answer may repeat them to who sent them; sessions too. */
const strays = new Secrets()

let world: TestStack
let data: string
let api: HttpClient
let admin: HttpClient
const answers: Answer[] = []
const queued: string[] = []
const shapes = new Set<string>()

const random = (prefix: string) => `${prefix}-${randomBytes(9).toString('hex')}`
const PASSWORD = secrets.add('password of the administrator', random('Admin'))
const SMTP_PASSWORD = secrets.add('password of the mail server', random('Smtp'))

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'otpost-secrets-'))
  world = await startTestStack({
    data,
    seed: false,
    // ten digits are not met by accident in what is searched
    parameters: {
      'otp.length': '10',
      'account.max_wrong_per_day': '100',
      'email.username': 'mailer',
      'email.password': SMTP_PASSWORD,
    },
  })
  api = httpClient(world.stack.api, (answer) => answers.push(answer))
  admin = httpClient(world.stack.mail, (answer) => answers.push(answer))
  const see = (body: Record<string, any>) => {
    queued.push(JSON.stringify(body))
    return false
  }
  world.stack.faults.add({ service: 'sqs', effect: 'reset', match: see }, Infinity)
  await operator('admin.add', { name: 'root', password: PASSWORD })
})
afterAll(async () => {
  await world.stack.stop()
  await rm(data, { recursive: true, force: true })
})

/** A request of a shape of its own; none may fail, and most are refused. */
async function shaped(name: string, request: () => Promise<Answer>): Promise<Answer> {
  shapes.add(name)
  const answer = await request()
  expect(answer.status, name).toBeLessThan(500)
  return answer
}

async function operator(command: string, args?: object): Promise<any> {
  shapes.add(`operator ${command} ${Object.keys(args ?? {})}`)
  const value = await world.stack.invoke('otpost-local-operator', { command, args })
  answers.push({ status: 0, headers: new Headers(), text: JSON.stringify(value), json: value })
  return value
}

/** How a request carries its parameters. */
const ENCODINGS: Record<string, (path: string, form: Form, headers?: Form) => Promise<Answer>> = {
  form: (path, form, headers) => api.post(path, form, headers),
  query: (path, form, headers) => api.get(path, form, headers),
  json: (path, form, headers) => api.json('POST', path, form, headers),
  'json as text': (path, form, headers) =>
    api.send(path, { method: 'POST', body: JSON.stringify(form), headers }),
  multipart: (path, form, headers) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(form)) body.set(name, value)
    return api.send(path, { method: 'POST', body, headers })
  },
  'form and query': (path, form, headers) => api.post(`${path}?nonce=1&realm=`, form, headers),
}

type Person = { user: string; email: string; pin: string }
let people = 0

/** A user whose PIN and seed are known here and nowhere else. */
async function person(session: Form): Promise<Person> {
  const user = `person${(people += 1)}`
  const email = `${user}@example.org`
  const pin = secrets.add(`PIN of ${user}`, random('pin'))
  const seed = secrets.addBytes(`seed of ${user}`, randomBytes(20))
  secrets.add(`seed of ${user} as sent`, seed.toString('hex'))
  await api.post('/user/', { user, email }, session)
  const init = { user, type: 'email', email, pin, otpkey: seed.toString('hex'), otplen: '10' }
  const made = await api.post('/token/init', init, session)
  expect(made.json.result).toEqual({ status: true, value: true })
  return { user, email, pin }
}

async function mailedCode({ email }: Person): Promise<string> {
  return secrets.add(`code for ${email}`, codeIn(await world.nextMail(email)))
}

async function signedIn(): Promise<Form> {
  const { json } = await api.post('/auth', { username: 'root', password: PASSWORD })
  return { authorization: strays.add('session', json.result.value.token) }
}

test('privacyIDEA: logins in every encoding', async () => {
  const session = await signedIn()
  for (const [encoding, send] of Object.entries(ENCODINGS)) {
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
})

test('privacyIDEA: secrets where they do not belong', async () => {
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
})

test('LinOTP: logins in every encoding, and secrets where they do not belong', async () => {
  const session = await signedIn()
  for (const [encoding, send] of Object.entries(ENCODINGS)) {
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
})

test('privacyIDEA: administration', async () => {
  const session = await signedIn()
  const one = await person(session)
  const { json } = await api.get('/token/', { user: one.user }, session)
  const [{ serial }] = json.result.value.tokens
  const secret = (name: string) => secrets.add(name, random('New'))
  const stray = (name: string) => strays.add(name, random('Stray'))
  const calls: [string, () => Promise<Answer>][] = [
    [
      'auth wrong',
      () => api.post('/auth', { username: 'root', password: secret('wrong password') }),
    ],
    ['auth JSON', () => api.json('POST', '/auth', { username: 'root', password: PASSWORD })],
    ['auth unknown', () => api.post('/auth', { username: stray('admin'), password: PASSWORD })],
    ['auth list', () => api.json('POST', '/auth', { username: 'root', password: [PASSWORD] })],
    ['setpin', () => api.post('/token/setpin', { serial, otppin: secret('new PIN') }, session)],
    [
      'setpin path',
      () => api.post(`/token/setpin/${serial}`, { pin: secret('newer PIN') }, session),
    ],
    [
      'setpin unknown',
      () => api.post('/token/setpin', { serial: 'EM1', pin: secret('PIN') }, session),
    ],
    [
      'setpin of a stray',
      () => api.post(`/token/setpin/${stray('serial in a path')}`, {}, session),
    ],
    [
      'init short',
      () => api.post('/token/init', { user: one.user, otpkey: secret('short') }, session),
    ],
    ['init bad email', () => api.post('/token/init', { email: secret('address') }, session)],
    [
      'init bad type',
      () => api.post('/token/init', { type: 'totp', pin: secret('typed') }, session),
    ],
    ['init no session', () => api.post('/token/init', { pin: secret('PIN of nobody') })],
    [
      'mail server',
      () => {
        const password = secret('password of a named mail server')
        const server = { server: '127.0.0.1', port: '25', username: 'me', password }
        return api.post('/smtpserver/second', { ...server, sender: 'otp@example.org' }, session)
      },
    ],
    ['mail servers', () => api.get('/smtpserver/', {}, session)],
    [
      'parameter',
      () => api.post('/system/setConfig', { 'email.password': secret('new one') }, session),
    ],
    ['parameter by name', () => api.get('/system/email.password', {}, session)],
    ['parameters', () => api.get('/system/', {}, session)],
    ['misspelt', () => api.post('/system/setConfig', { 'email.pasword': secret('odd') }, session)],
    ['disable', () => api.post('/token/disable', { serial }, session)],
    ['enable', () => api.post('/token/enable', { serial }, session)],
    ['reset', () => api.post('/token/reset', { serial }, session)],
    ['list', () => api.get('/token/', {}, session)],
    ['trigger', () => api.post('/validate/triggerchallenge', { serial }, session)],
    [
      'user twice',
      () => api.post('/user/', { user: one.user, password: secret('password') }, session),
    ],
    ['revoke', () => api.post('/token/revoke', { serial }, session)],
    ['delete', () => api.send(`/token/${serial}`, { method: 'DELETE', headers: session })],
    [
      'delete user',
      () => api.send(`/user/directory/${one.user}`, { method: 'DELETE', headers: session }),
    ],
  ]
  for (const [name, call] of calls) await shaped(`administration: ${name}`, call)
  await mailedCode(one)
})

test('/v1', async () => {
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
})

test('the operator and the mail page', async () => {
  const secret = (name: string) => secrets.add(name, random('Op'))
  await operator('user.add', { user: 'op', email: 'op@example.org' })
  await operator('user.add', { user: 'op', password: secret('password') })
  await operator('token.enrol', { user: 'op', pin: secret('PIN') })
  await operator('token.enrol', { user: 'op', pin: [secret('PIN in a list')] })
  await operator('token.list', { user: 'op' })
  await operator('token.setpin', { serial: 'EM1', pin: secret('PIN of nothing') })
  await operator('user.import', {
    rows: [{ user: 'row', email: 'row@example.org', pin: secret('PIN of a row') }, secret('row')],
    enrol: true,
  })
  await operator('admin.add', { name: 'second', password: secret('second password') })
  await operator('admin.add', { password: secret('password without a name') })
  await operator('admin.add', { name: secret('name').concat(' !'), password: PASSWORD })
  const key = await operator('apikey.create', { name: 'plugin', days: 1 })
  strays.add('API key', key.value.key)
  for (const command of ['admin.list', 'user.list', 'token.list', 'config.state', 'doctor']) {
    await operator(command)
  }
  await operator(secret('command'))
  const misspelt = strays.add('password of a misspelt parameter', random('Stray'))
  await admin.get('/api/parameters')
  await admin.json('PATCH', '/api/parameters', { 'email.passwort': misspelt })
  await admin.json('PATCH', '/api/parameters', { 'email.passwort': null })
})

/** The tables, item by item, as the endpoint gives them. */
async function items(): Promise<string[]> {
  const { dynamodb } = clients(world.stack.endpoint)
  const { tokens, challenges, records } = world.stack.describe().tables
  const found: string[] = []
  for (const TableName of [tokens, challenges, records]) {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }))
    found.push(...Items.map((item) => JSON.stringify(item)))
  }
  return found
}

/** Every file the stack keeps, but for the mailbox, the parameters and its key service's keys. */
async function files(): Promise<string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  const kept = entries.filter(
    (entry) =>
      entry.isFile() &&
      !entry.parentPath.startsWith(join(data, 'mail')) &&
      !['parameters.json', 'keys.json'].includes(entry.name),
  )
  return Promise.all(kept.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
}

test('no secret is in the log, the tables, the queue, the files or an answer', async () => {
  expect(shapes.size).toBeGreaterThanOrEqual(75)
  expect(secrets.size).toBeGreaterThanOrEqual(75)
  const places = {
    log: world.lines.map(({ text }) => text),
    tables: await items(),
    queue: [
      ...queued,
      ...[...world.stack.queues.values()].flatMap(({ messages }) =>
        messages.map((one) => JSON.stringify(one)),
      ),
    ],
    files: await files(),
  }
  const replies = answers.map(({ headers, text }) => `${JSON.stringify([...headers])}${text}`)
  for (const texts of [...Object.values(places), replies]) expect(texts.length).toBeGreaterThan(0)

  const found = Object.entries(places).flatMap(([place, texts]) =>
    texts.flatMap((text) =>
      [...secrets.findIn(text), ...strays.findIn(text)].map(
        (name) => `${name} in ${place}: ${text.slice(0, 300)}`,
      ),
    ),
  )
  expect(found).toEqual([])
  expect(replies.flatMap((text) => secrets.findIn(text).map((name) => `${name}: ${text}`))).toEqual(
    [],
  )
})

test('the mailbox alone has the codes, so this search can find them', () => {
  const mails = world.stack.messages()
  expect(mails.length).toBeGreaterThan(0)
  for (const { to, text } of mails) expect(secrets.findIn(text)).toEqual([`code for ${to[0]}`])
})

test.each<[string, (secret: Buffer) => string]>([
  ['clear', (secret) => secret.toString()],
  ['hex', (secret) => secret.toString('hex').toUpperCase()],
  ['base64', (secret) => secret.toString('base64')],
  ['base64 of something longer', (secret) => Buffer.from(`{"pin":"${secret}"}`).toString('base64')],
  ['base64url of something longer', (secret) => Buffer.from(`:${secret}`).toString('base64url')],
  ['a URL', (secret) => encodeURIComponent(secret.toString())],
])('a planted secret is found in %s', (_form, encode) => {
  const planted = new Secrets()
  const secret = planted.add('planted', 'hunter2 + ü/?')
  expect(planted.findIn(`before ${encode(Buffer.from(secret))} after`)).toEqual(['planted'])
  expect(planted.findIn('nothing to see here')).toEqual([])
})
