/** FreeRADIUS with the files of its page, in front of the whole service, asked as a gateway asks. */
import type { Http2ServerResponse } from 'node:http2'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificates } from '../adapters/certificates.ts'
import { type TestStack, type User, wrongCode } from '../stack/support.ts'
import {
  ASKS_AGAIN,
  ASKS_ONCE,
  type Attributes,
  type Freeradius,
  startFreeradius,
  whyNoFreeradius,
} from './freeradius.ts'
import type { Front } from './front.ts'
import { type RadiusWorld, startRadiusWorld, statusOf } from './radius-world.ts'

const why = whyNoFreeradius()
const skipped = why === undefined ? '' : ` (skipped: ${why})`

describe.skipIf(why !== undefined)(`FreeRADIUS as its page sets it up${skipped}`, () => {
  let all: RadiusWorld
  let world: TestStack
  let front: Front
  let radius: Freeradius

  beforeAll(async () => {
    all = await startRadiusWorld()
    ;({ world, front, radius } = all)
  })
  afterAll(() => all?.stop())
  afterEach(() => {
    front.instead = undefined
    front.delayMs = 0
  })

  const operator = (command: string, args: object) =>
    world.stack.invoke('otpost-local-operator', { command, args })

  const withPassword = (user: string, password: string, more: Attributes = {}): Attributes => ({
    'User-Name': user,
    'User-Password': password,
    'Message-Authenticator': '0x00',
    ...more,
  })
  /** Logs in at one of the two gateways of the page. */
  const logIn = (from: string, user: string, password: string, more?: Attributes) =>
    radius.ask(from, withPassword(user, password, more))
  /** Types the PIN at the gateway that asks again; the `State` to answer with. */
  async function challenged({ user, pin }: User): Promise<{ State: string }> {
    const reply = await logIn(ASKS_AGAIN, user, pin)
    expect(reply).toMatchObject({ code: 'Access-Challenge' })
    return { State: reply!.attributes.State! }
  }

  const ACCEPT = { code: 'Access-Accept' }
  const REJECT = { code: 'Access-Reject', attributes: {} }

  describe('for a gateway that cannot ask again', () => {
    it('has a code mailed for the PIN and lets in by PIN and code, once', async () => {
      const { user, email, pin } = await world.addUser('8471')
      expect(await logIn(ASKS_ONCE, user, pin)).toEqual({
        code: 'Access-Reject',
        attributes: { 'Reply-Message': expect.stringMatching(/e-?mail/i) },
      })
      const code = await world.nextCode(email)

      const accepted = await logIn(ASKS_ONCE, user, pin + code)
      expect(accepted).toMatchObject(ACCEPT)
      expect(octets(accepted!.attributes.Class)).toMatch(/^EM[0-9A-F]{8}$/)
      expect(accepted!.attributes['Filter-Id']).toBe('demo')

      expect(await logIn(ASKS_ONCE, user, pin + code)).toEqual(REJECT)
      expect(world.unreadMails(email)).toEqual([])
    })

    it('rejects PIN and a wrong code', async () => {
      const { user, email, pin } = await world.addUser('8471')
      await logIn(ASKS_ONCE, user, pin)
      const code = await world.nextCode(email)
      expect(await logIn(ASKS_ONCE, user, pin + wrongCode(code))).toEqual(REJECT)
      expect(await logIn(ASKS_ONCE, user, pin + code)).toMatchObject(ACCEPT)
    })
  })

  describe('for a gateway that asks again', () => {
    it('hands out the transaction as State and mails one code', async () => {
      const { user, email, pin } = await world.addUser('8471')
      const asked = await logIn(ASKS_AGAIN, user, pin)
      expect(asked).toMatchObject({
        code: 'Access-Challenge',
        attributes: { 'Reply-Message': expect.stringMatching(/e-?mail/i) },
      })
      expect(octets(asked!.attributes.State)).toMatch(/^\d{20}$/)
      expect((await world.nextMail(email)).to).toEqual([email])
      expect(world.unreadMails(email)).toEqual([])
    })

    it('lets in by the code that comes back with State, once', async () => {
      const person = await world.addUser('8471')
      const state = await challenged(person)
      const code = await world.nextCode(person.email)
      expect(await logIn(ASKS_AGAIN, person.user, code, state)).toMatchObject(ACCEPT)
      expect(await logIn(ASKS_AGAIN, person.user, code, state)).toEqual(REJECT)
    })

    it('lets in by PIN and code in one, too', async () => {
      const person = await world.addUser('8471')
      await challenged(person)
      const both = person.pin + (await world.nextCode(person.email))
      expect(await logIn(ASKS_AGAIN, person.user, both)).toMatchObject(ACCEPT)
    })

    it('rejects a wrong code, somebody else, and another State', async () => {
      const [person, other] = await world.addUsers(2, '8471')
      const state = await challenged(person!)
      const code = await world.nextCode(person!.email)
      const elsewhere = await challenged(other!)
      const { user } = person!
      expect(await logIn(ASKS_AGAIN, user, wrongCode(code), state)).toEqual(REJECT)
      expect(await logIn(ASKS_AGAIN, other!.user, code, state)).toEqual(REJECT)
      expect(await logIn(ASKS_AGAIN, user, code, elsewhere)).toEqual(REJECT)
      expect(await logIn(ASKS_AGAIN, user, code, { State: '0x00ff' })).toEqual(REJECT)
      const forged = '1&realm=other&%26'
      const hex = Buffer.from(forged).toString('hex')
      expect(await logIn(ASKS_AGAIN, user, code, { State: `0x${hex}` })).toEqual(REJECT)
      const sent = Object.fromEntries(new URLSearchParams(front.bodies.at(-1)))
      expect(sent).toEqual({ user, pass: code, state: forged })
      expect(await logIn(ASKS_AGAIN, user, code, state)).toMatchObject(ACCEPT)
    })
  })

  it('rejects a wrong PIN and a stranger without a word and without a mail', async () => {
    const { user, email } = await world.addUser('8471')
    for (const from of [ASKS_ONCE, ASKS_AGAIN]) {
      expect(await logIn(from, user, '8472')).toEqual(REJECT)
      expect(await logIn(from, 'nobody', '8471')).toEqual(REJECT)
      expect(await logIn(from, '', '')).toEqual(REJECT)
    }
    expect(world.unreadMails(email)).toEqual([])
  })

  it.each([
    ['plus+blank space', 'a+b c'],
    ['percent', '100%'],
    ['an escape', '%41%2541'],
    ['of.forms', '&user=eve;pass=1?#/='],
    ['quotes', `"'\`\\"`],
    ['backslash', 'a\\nb\\\\c\\'],
    ['of.the.server', '%{User-Name}%%${confdir}'],
    ['ümläut', 'äöü€😀'],
    ['name@example.net', '8471'],
    ['100%25+sure', '8471'],
    ['long', 'x'.repeat(122)],
  ])('takes every character in a name and in a PIN: %s, %s', async (name, pin) => {
    const email = `${Buffer.from(name).toString('hex')}@mail.example`
    const rows = [{ user: name, email, pin }]
    const made = await operator('user.import', { rows, enrol: true })
    expect(made).toMatchObject({ ok: true, value: { rows: [{ state: 'added' }] } })
    await challenged({ user: name, email, pin })
    const code = await world.nextCode(email)
    expect(await logIn(ASKS_AGAIN, name, pin + code)).toMatchObject(ACCEPT)
  })

  it('asks once, however often a gateway tries meanwhile', async () => {
    const { user, email, pin } = await world.addUser('8471')
    front.delayMs = 2000
    const before = front.bodies.length
    const tries = { times: 20, seconds: 0.5 }
    const reply = await radius.ask(ASKS_AGAIN, withPassword(user, pin), tries)
    expect(reply).toMatchObject({ code: 'Access-Challenge' })
    expect(front.bodies.slice(before)).toHaveLength(1)
    await world.nextMail(email)
    expect(world.unreadMails(email)).toEqual([])
  })

  const json = (status: number, body: unknown) => (response: Http2ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const LET_IN = { result: { status: true, value: true, authentication: 'ACCEPT' } }
  it.each([
    ['an error with an Accept in it', json(503, LET_IN)],
    ['a refusal with an Accept in it', json(403, LET_IN)],
    ['who is not known, with an Accept in it', json(400, LET_IN)],
    [
      'a rejection that quotes an Accept',
      json(200, { detail: { message: JSON.stringify(LET_IN) } }),
    ],
    ['a challenge without a transaction', json(200, { result: { authentication: 'CHALLENGE' } })],
    ['a page for people', (to: Http2ServerResponse) => void to.end('<h1>ACCEPT</h1>')],
    ['nothing', (to: Http2ServerResponse) => void to.end()],
    ['less than nothing', (to: Http2ServerResponse) => void to.writeHead(204).end()],
    ['a broken line', (to: Http2ServerResponse) => void to.stream.session?.destroy()],
  ])('lets nobody in by %s', async (_, instead) => {
    front.instead = instead
    const before = front.bodies.length
    expect(await logIn(ASKS_AGAIN, 'alice', '1234')).toEqual(REJECT)
    expect(front.bodies.length).toBeGreaterThan(before)
  })

  it('would let in by what these answers are made of', async () => {
    front.instead = json(200, LET_IN)
    expect(await logIn(ASKS_AGAIN, 'alice', '1234')).toMatchObject(ACCEPT)
  })

  it.each([
    ['a certificate of an authority it does not know', '127.0.0.1', false],
    ['a certificate for another name', 'localhost', true],
  ])('tells nobody a PIN who shows %s', async (_, host, known) => {
    const ca = known ? all.certificates.ca : (await makeCertificates(['127.0.0.1'])).ca
    const api = front.url.replace('127.0.0.1', host)
    const strict = await startFreeradius({ api, ca, apiKey: all.apiKey })
    const before = front.bodies.length
    const reply = await strict.ask(ASKS_AGAIN, withPassword('alice', '1234'))
    await strict.stop()
    expect(reply).toEqual(REJECT)
    expect(front.bodies.slice(before)).toEqual([])
  })

  it('starts and rejects while there is no service', async () => {
    const api = 'https://127.0.0.1:1'
    const alone = await startFreeradius({ api, ca: all.certificates.ca, apiKey: all.apiKey })
    const reply = await alone.ask(ASKS_AGAIN, withPassword('alice', '1234'))
    await alone.stop()
    expect(reply).toEqual(REJECT)
  })

  it('answers nobody without Message-Authenticator, and rejects what carries no PIN', async () => {
    const before = front.bodies.length
    const bare = { 'User-Name': 'alice', 'User-Password': '1234' }
    expect(await radius.ask(ASKS_AGAIN, bare, { times: 1, seconds: 2 })).toBeUndefined()
    const chap = { 'User-Name': 'alice', 'CHAP-Password': '1234', 'Message-Authenticator': '0x00' }
    expect(await radius.ask(ASKS_AGAIN, chap)).toEqual(REJECT)
    expect(front.bodies.slice(before)).toEqual([])
  })

  it('needs its key: the service answers nobody without it', async () => {
    expect(await statusOf(world, {})).toBe(403)
  })

  it('writes no PIN, code or key into its log', async () => {
    const { user, email, pin } = await world.addUser('a rather unusual PIN')
    await logIn(ASKS_ONCE, user, pin)
    const code = await world.nextCode(email)
    await logIn(ASKS_ONCE, user, pin + code)
    expect(radius.log()).toContain('Ready to process requests')
    for (const secret of [pin, code, all.apiKey]) expect(radius.log()).not.toContain(secret)
  })
})

const octets = (hex = '') => Buffer.from(hex.replace(/^0x/, ''), 'hex').toString()
