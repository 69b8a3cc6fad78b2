/** REL-ID's code, row by row, over HTTP: its form, how it may be typed, how it is checked. */
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test, vi } from 'vitest'
import type { Form } from './support-http.ts'
import { SOON, storedItems } from './support-rows.ts'
import { adminSession, answer, isAccepted, startTestStack, trigger, wrongCode } from './support.ts'
import type { TestStack, User } from './support.ts'

let world: TestStack
let headers: Record<string, string>
beforeAll(async () => {
  world = await startTestStack()
  headers = await adminSession(world)
})
afterAll(() => world?.stack.stop())

const answerV1 = (user: string, id: string, otp: string) =>
  world.api.json('POST', `/v1/challenges/${id}/answer`, { user, otp })

describe('R07: the code', () => {
  const COUNT = 150
  /** Fair digits exceed it once in ten million runs: chi-square, 54 and 9 degrees of freedom. */
  const LIMITS = { byPlace: 126.3, all: 50.2 }

  const chiSquare = (digits: string[]): number => {
    const expected = digits.length / 10
    const counts = Array.from(
      { length: 10 },
      (_, digit) => digits.filter((one) => one === String(digit)).length,
    )
    return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  }

  it('R07: has six digits, leading zeros among them, all equally often in 150 mails', async () => {
    const people = await world.addUsers(COUNT)
    const codes: string[] = []
    for (let at = 0; at < COUNT; at += 10) {
      const ten = people.slice(at, at + 10)
      await Promise.all(ten.map((person) => trigger(world, person)))
      for (const { email } of ten) codes.push(await world.nextCode(email))
    }
    for (const code of codes) expect(code).toMatch(/^[0-9]{6}$/)
    expect(codes.filter((code) => code.startsWith('0')).length).toBeGreaterThan(0)
    expect(new Set(codes).size).toBeGreaterThan(COUNT - 5)
    const places = Array.from({ length: 6 }, (_, place) => codes.map((code) => code[place]!))
    expect(places.reduce((sum, place) => sum + chiSquare(place), 0)).toBeLessThan(LIMITS.byPlace)
    expect(chiSquare(places.flat())).toBeLessThan(LIMITS.all)
  })

  const LENGTHS = [4, 5, 6, 7, 8, 9, 10, 11, 12]
  const enrol = async (otplen?: number) => {
    const { user, email } = await world.addUser()
    const token = { type: 'email', user, serial: `LEN${user}`, email, pin: 'own' }
    const form: Form = otplen === undefined ? token : { ...token, otplen: String(otplen) }
    const made = await world.api.post('/token/init', form, headers)
    return { user, email, pin: 'own', made }
  }
  /** A login with a code of so many digits. */
  async function logsInWith(length: number, person: User): Promise<void> {
    const id = await trigger(world, person)
    const code = /^\d+$/m.exec((await world.nextMail(person.email)).text)![0]
    expect(code).toMatch(new RegExp(`^[0-9]{${length}}$`))
    expect(isAccepted(await answer(world, person.user, id, code))).toBe(true)
  }

  it('R07: has as many digits as its token, from 4 to 12', async () => {
    for (const length of LENGTHS) await logsInWith(length, await enrol(length))
    for (const length of [3, 13]) {
      const { status, json } = (await enrol(length)).made
      expect([status, json.result.error.message]).toEqual([
        400,
        'ERR905: otplen is not a whole number from 4 to 12.',
      ])
    }
  })

  it('R07: of four digits leaves its account one wrong answer a day', async () => {
    const person = await enrol(4)
    const id = await trigger(world, person)
    const code = /^\d{4}$/m.exec((await world.nextMail(person.email)).text)![0]
    const wrong = code === '0000' ? '0001' : '0000'
    for (const guess of [wrong, code]) {
      expect(isAccepted(await answer(world, person.user, id, guess))).toBe(false)
    }
    await expect(trigger(world, person)).rejects.toThrow('No challenge')
  })

  it('R07: has as many digits as are set, if an account then has few enough guesses', async () => {
    const patch = (parameters: Record<string, string | null>) =>
      world.mail.json('PATCH', '/api/parameters', parameters)
    onTestFinished(async () => {
      await patch({ 'otp.length': null, 'account.max_wrong_per_day': null })
      await vi.waitFor(async () => logsInWith(6, await enrol()), SOON)
    })
    for (const [length, why] of Object.entries({
      3: 'otp.length',
      13: 'otp.length',
      4: 'account.max_wrong_per_day',
    })) {
      const { json } = await patch({ 'otp.length': length })
      expect(json.configure).toMatchObject({ published: false, problems: [{ name: why }] })
    }
    for (const [length, guesses] of Object.entries({ 4: '1', 12: '20' })) {
      await patch({ 'otp.length': length, 'account.max_wrong_per_day': guesses })
      const digits = async () => {
        const { made } = await enrol()
        const { serial } = made.json.detail
        return (await world.api.get('/token/', { serial }, headers)).json.result.value.tokens[0]
          .otplen
      }
      await expect.poll(digits, SOON).toBe(Number(length))
      await logsInWith(Number(length), await enrol())
    }
  })

  /** RFC 4226 §5.3, written out. */
  function codeOf(secret: Buffer, counter: number): string {
    const message = Buffer.alloc(8)
    message.writeBigUInt64BE(BigInt(counter))
    const mac = createHmac('sha1', secret).update(message).digest()
    const truncated = mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7fffffff
    return String(truncated % 1_000_000).padStart(6, '0')
  }

  it('R07: that begins with 0 lets in with it, and not without it', async () => {
    let secret = randomBytes(20)
    while (!codeOf(secret, 1).startsWith('0')) secret = randomBytes(20)
    const { user, email } = await world.addUser()
    const token = { type: 'email', serial: `ZERO${user}`, otpkey: secret.toString('hex') }
    await world.api.post('/token/init', { ...token, user, email, pin: 'zero' }, headers)
    const id = await trigger(world, { user, email, pin: 'zero' })
    const code = await world.nextCode(email)
    expect(code).toBe(codeOf(secret, 1))
    expect(isAccepted(await answer(world, user, id, code.replace(/^0+/, '')))).toBe(false)
    expect(isAccepted(await answer(world, user, id, code))).toBe(true)
  })
})

describe('the answer', () => {
  const dashed = (code: string, dash: string) => `${code.slice(0, 3)}${dash}${code.slice(3)}`
  const fullWidth = (code: string) =>
    code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))

  it.each<[string, (code: string) => string]>([
    ['spaces', (code) => ` ${dashed(code, ' ')} `],
    ['dashes', (code) => dashed(code, '-')],
    ['a typographic dash', (code) => dashed(code, '\u2013')],
    ['full-width digits', fullWidth],
    ['full-width digits and an ideographic space', (code) => dashed(fullWidth(code), '\u3000')],
    ['what pasting from a mail brings along', (code) => `\u200b${dashed(code, '\u00a0')}\r\n`],
    ['nothing else, as autofill types it', (code) => code],
  ])('R11: is taken with %s', async (_, typed) => {
    const person = await world.addUser()
    const id = await trigger(world, person)
    const code = await world.nextCode(person.email)
    expect((await answerV1(person.user, id, typed(wrongCode(code)))).status).toBe(403)
    const answered = await answerV1(person.user, id, typed(code))
    expect(answered.json, answered.text).toMatchObject({ accepted: true })
  })

  /** Every plain way to write a hash of the code that needs no key. */
  function unkeyed(code: string, more: string[]): Set<string> {
    const texts = [
      ...[code, JSON.stringify(code), JSON.stringify([...more.slice(0, 2), code])],
      ...more.flatMap((one) => [one + code, code + one, `${one}:${code}`]),
      ...more.flatMap((one) => [JSON.stringify([one, code]), JSON.stringify([code, one])]),
    ]
    const encodings = ['hex', 'base64', 'base64url'] as const
    return new Set(
      ['md5', 'sha1', 'sha256', 'sha512'].flatMap((algorithm) =>
        texts.flatMap((text) =>
          encodings.map((encoding) => createHash(algorithm).update(text).digest(encoding)),
        ),
      ),
    )
  }

  test('R12: what is stored of a code is a MAC under a key of its own: not it, no hash of it, never the same', async () => {
    const stored = storedItems(world)
    const seed = { type: 'email', otpkey: '3132333435363738393031323334353637383930', pin: 'rfc' }
    const macs: string[] = []
    for (const { user, email } of await world.addUsers(2)) {
      const serial = `MAC${user}`
      await world.api.post('/token/init', { ...seed, user, serial, email }, headers)
      const id = await trigger(world, { user, email, pin: 'rfc' })
      const code = await world.nextCode(email)
      expect(code).toBe('287082')
      const [item] = await stored.challenges(id)
      const values = Object.values({ ...item, ...(await stored.account(user)) })
      const texts = values.map((value) =>
        typeof value === 'string' ? value : JSON.stringify(value),
      )
      expect(texts.filter((text) => new RegExp(`(?<!\\d)${code}(?!\\d)`).test(text))).toEqual([])
      const hashes = unkeyed(code, [id, serial, user, `account/demo/${user}`])
      expect(texts.filter((text) => hashes.has(text))).toEqual([])
      expect(item!.otpMac).toMatch(/^[A-Za-z0-9+/]{43}=$/)
      macs.push(item!.otpMac)
    }
    expect(macs[0]).not.toBe(macs[1])
  })

  test('R12: a wrong code is answered alike however much of it is right (told, not timed)', async () => {
    const said = new Set<string>()
    for (const right of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const person = await world.addUser()
      const id = await trigger(world, person)
      const code = await world.nextCode(person.email)
      const wrong = [...code]
        .map((digit, at) => (at < right ? digit : String((Number(digit) + 1) % 10)))
        .join('')
      const guess = right < 6 ? wrong : right === 6 ? code.slice(0, 5) : `${code}0`
      const { status, json } = await answerV1(person.user, id, guess)
      said.add(JSON.stringify([status, json.type, json.reason, json.detail, json.title]))
      expect((await answerV1(person.user, id, code)).json.accepted).toBe(true)
    }
    expect([...said]).toHaveLength(1)
  })

  test('R13: of 20 right answers at once, on three wires, one lets in, and none after it', async () => {
    const person = await world.addUser()
    const { user } = person
    const id = await trigger(world, person)
    const code = await world.nextCode(person.email)
    const linotp = { user, state: id, pass: code }
    const ways = [
      async () => isAccepted(await answer(world, user, id, code)),
      async () => (await answerV1(user, id, code)).json.accepted === true,
      async () => (await world.api.post('/linotp/validate/simplecheck', linotp)).text === ':-)',
    ]
    const all = Array.from({ length: 20 }, (_, at) => ways[at % ways.length]!())
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(1)
    for (const way of ways) expect(await way()).toBe(false)
  })
})
