/** A whole stack that is sent secrets, and everything it said. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { httpClient, type Answer, type Form, type HttpClient } from '../support-http.ts'
import { Secrets } from '../support-secrets.ts'
import { codeIn, startTestStack } from '../support.ts'

/** A user whose PIN and seed are known here and nowhere else. */
export type Person = { user: string; email: string; pin: string }
export type Bench = Awaited<ReturnType<typeof startBench>>

/** A secret that no text holds by accident. */
export const random = (prefix: string) => `${prefix}-${randomBytes(9).toString('hex')}`
/** The password of the administrator `root`. */
export const PASSWORD = random('Admin')

/** Starts the stack and makes `root`. Call `stop` when done. */
export async function startBench() {
  /** In nothing at all but the mailbox: codes, seeds, PINs and passwords. */
  const secrets = new Secrets()
  /** Sent where a name belongs, so that an answer may repeat them to who sent them; sessions too. */
  const strays = new Secrets()
  secrets.add('password of the administrator', PASSWORD)
  const smtpPassword = secrets.add('password of the mail server', random('Smtp'))
  const answers: Answer[] = []
  const queued: string[] = []
  const shapes = new Set<string>()
  const data = await mkdtemp(join(tmpdir(), 'otpost-secrets-'))
  const world = await startTestStack({
    data,
    seed: false,
    // ten digits are not met by accident in what is searched
    parameters: {
      'otp.length': '10',
      'account.max_wrong_per_day': '100',
      'email.username': 'mailer',
      'email.password': smtpPassword,
    },
  })
  const api = httpClient(world.stack.api, (answer) => answers.push(answer))
  const admin = httpClient(world.stack.mail, (answer) => answers.push(answer))
  const see = (body: Record<string, any>) => {
    queued.push(JSON.stringify(body))
    return false
  }
  world.stack.faults.add({ service: 'sqs', effect: 'reset', match: see }, Infinity)

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

  let people = 0
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

  await operator('admin.add', { name: 'root', password: PASSWORD })
  return {
    ...{ world, data, api, admin, secrets, strays, answers, queued, shapes },
    ...{ shaped, operator, person, mailedCode, signedIn, encodings: encodingsOf(api) },
    async stop() {
      await world.stack.stop()
      await rm(data, { recursive: true, force: true })
    },
  }
}

type Encoding = (path: string, form: Form, headers?: Form) => Promise<Answer>

/** The ways in which a request carries its parameters. */
function encodingsOf(api: HttpClient): Record<string, Encoding> {
  return {
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
}
