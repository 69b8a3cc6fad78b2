/** REL-ID's mailbox and mail, row by row, over HTTP: any address, and the mail that has the code. */
import { domainToASCII } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readMessage, unstuff } from '../support/smtp-message.ts'
import { type SmtpServer, startSmtp } from '../support/smtp-server.ts'
import { SOON } from './support-rows.ts'
import {
  adminSession,
  answer,
  codeIn,
  isAccepted,
  logsIn,
  startTestStack,
  trigger,
} from './support.ts'
import type { TestStack } from './support.ts'

const SENDER = 'otpost@localhost.example'

let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  world = await startTestStack()
  headers = await adminSession(world)
})
afterAll(() => world?.stack.stop())

const patch = (parameters: Record<string, string | null>) =>
  world.mail.json('PATCH', '/api/parameters', parameters)
const bearer = () => ({ authorization: `Bearer ${headers.authorization}` })
const api = (method: string, path: string, body: object) =>
  world.api.json(method, path, body, bearer())

describe('the mail', () => {
  const SOURCE =
    'Subject: Anmeldung\nContent-Type: text/plain; charset=utf-8\n\nFor the login of ${username}:\n\n${otp}\n'

  it.each([['en'], ['de'], ['zh-CN']])(
    'R10: in %s has the code in its plain text, alone on a line, within 200 characters',
    async (language) => {
      const { user, email } = await world.addUser()
      const page = { 'accept-language': language }
      const { json } = await world.api.post('/validate/check', { user, pass: '' }, page)
      const message = await world.nextMail(email)
      const code = codeIn(message)
      const { parts } = readMessage(Buffer.from(message.raw))
      expect(parts[0]!.type).toBe('text/plain')
      const text = parts[0]!.text.replaceAll('\r\n', '\n')
      expect(text.slice(0, 200)).toContain(code)
      expect(text.split('\n')).toContain(code)
      expect(text.split(code)).toHaveLength(2)
      expect(isAccepted(await answer(world, user, json.detail.transaction_id, code))).toBe(true)
    },
  )

  it('R08: is composed by the template for authentication, which no other mail has', async () => {
    const stored = await api('PUT', '/v1/templates/login', { source: SOURCE })
    expect(stored.status, stored.text).toBe(200)
    const { host, port } = world.stack.smtp
    const provider = { kind: 'smtp', server: host, port, sender: SENDER, template: 'login' }
    const made = await api('PUT', '/v1/providers/main', provider)
    expect(made.status, made.text).toBeLessThan(300)
    await patch({ 'email.identifier': 'main' })
    const login = async () => {
      const person = await world.addUser()
      await trigger(world, person)
      const { subject, text } = await world.nextMail(person.email)
      return `${subject}: ${text.trim().replace(/\d{6}/, '#').replace(person.user, '<user>')}`
    }
    await expect.poll(login, SOON).toBe('Anmeldung: For the login of <user>:\n\n#')

    const { user } = await world.addUser()
    const address = `${user}@new.example`
    const asked = await api('POST', `/v1/users/demo/${user}/address`, { address })
    expect(asked.status, asked.text).toBe(202)
    const verification = await world.nextMail(address)
    expect(verification.subject).toBe('Confirm your e-mail address')
    expect(verification.text).not.toContain('For the login of')
    await patch({ 'email.identifier': null })
  })
})

describe('R01: any mailbox will do', () => {
  const TYPED: [string, string][] = [
    ['gmail', 'First.Last+otp@gmail.com'],
    ['a word as top-level domain', 'user+tag@example.photography'],
    ['many labels', "o'hara_x@a.b-c.d.e.xn--p1ai"],
    ['an international domain', 'alice@b\u00fccher.example'],
    ['an international domain in ASCII', 'bob@xn--bcher-kva.example'],
    ['a local part that is not ASCII', 'j\u00f6rg@firma.example'],
    ['Chinese', '\u7528\u6237@\u4f8b\u5b50.\u6d4b\u8bd5'],
    [
      'Hindi',
      '\u0930\u093e\u092e@\u0909\u0926\u093e\u0939\u0930\u0923.\u092a\u0930\u0940\u0915\u094d\u0937\u093e',
    ],
    [
      'Greek',
      '\u03b4\u03bf\u03ba\u03b9\u03bc\u03ae@\u03c0\u03b1\u03c1\u03ac\u03b4\u03b5\u03b9\u03b3\u03bc\u03b1.\u03b4\u03bf\u03ba\u03b9\u03bc\u03ae',
    ],
  ]
  /** The domain in its ASCII form, unless the mailbox needs SMTPUTF8 anyway (RFC 6531). */
  const onTheWire = (address: string): string => {
    const [local = '', domain = ''] = address.split('@')
    return /^\p{ASCII}*$/u.test(local) ? `${local}@${domainToASCII(domain)}` : address
  }

  const isStored = (typed: string) =>
    typed.replace('xn--bcher-kva', 'b\u00fccher').replace('xn--p1ai', '\u0440\u0444').normalize()

  let server: SmtpServer
  beforeAll(async () => {
    server = await startSmtp({ offers: ['8BITMIME', 'SMTPUTF8'] })
    await patch({ 'email.port': String(server.port) })
    const arrived = async () => {
      await trigger(world, await world.addUser())
      expect(server.sessions).not.toEqual([])
    }
    await vi.waitFor(arrived, SOON)
  })
  afterAll(async () => {
    await patch({ 'email.port': String(world.stack.smtp.port) })
    await vi.waitFor(async () => logsIn(world, await world.addUser(), 1000), SOON)
    await server?.stop()
  })

  it.each(TYPED)('R01: RCPT is the stored address, and its code lets in: %s', async (_, typed) => {
    const user = `mailbox${TYPED.findIndex(([, one]) => one === typed)}`
    const made = await api('POST', '/v1/users', { user, email: typed })
    expect(made.status, made.text).toBe(201)
    expect((await api('POST', '/v1/tokens', { user })).status).toBe(201)
    const { email } = (await world.api.get(`/v1/users/demo/${user}`, {}, bearer())).json
    expect(email).toBe(isStored(typed))

    const id = await trigger(world, { user, email, pin: '' })
    const { lines, messages } = server.sessions.at(-1)!
    const recipients = lines.map(({ text }) => text).filter((text) => /^RCPT/i.test(text))
    expect(recipients).toEqual([`RCPT TO:<${onTheWire(email)}>`])
    const { parts } = readMessage(unstuff(messages[0]!))
    const text = parts[0]!.text.replaceAll('\r\n', '\n')
    expect(isAccepted(await answer(world, user, id, codeIn({ text })))).toBe(true)
  })
})

describe('R09: the recipient', () => {
  const elsewhere = 'elsewhere@example.net'
  const wishes = { email: elsewhere, to: elsewhere, recipient: elsewhere, address: elsewhere }
  const PIN = 'hers'

  it.each([
    ['/validate/check', (user: string) => ({ user, pass: PIN })],
    ['/validate/triggerchallenge', (user: string) => ({ user })],
    ['/validate/samlcheck', (user: string) => ({ user, pass: PIN })],
    ['/linotp/validate/check', (user: string) => ({ user, pass: PIN })],
    ['/linotp/validate/simplecheck', (user: string) => ({ user, pass: PIN })],
  ])('R09: of %s is the stored one, whatever else is asked for', async (path, form) => {
    const { user, email } = await world.addUser(PIN)
    await world.api.post(path, { ...form(user), ...wishes }, headers)
    await world.nextMail(email)
    expect(world.unreadMails(elsewhere)).toEqual([])
  })

  it.each(['/v1/challenges', '/v1/authentications', '/v1/self/sessions'])(
    'R09: cannot be named at %s',
    async (path) => {
      const { user, email } = await world.addUser(PIN)
      for (const [name, value] of Object.entries(wishes)) {
        const pin = path === '/v1/authentications' ? { pass: PIN } : { pin: PIN }
        const refused = await world.api.json('POST', path, { user, ...pin, [name]: value })
        expect([refused.status, refused.json.parameter]).toEqual([400, name])
      }
      for (const to of [email, elsewhere]) expect(world.unreadMails(to)).toEqual([])
    },
  )
})
