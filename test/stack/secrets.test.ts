/** Drives every wire with secrets in right and wrong places, then looks for them everywhere. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { administration } from './secrets/administration.ts'
import { type Bench, startBench } from './secrets/bench.ts'
import { linotpLogins } from './secrets/linotp.ts'
import { operators } from './secrets/operator.ts'
import { places } from './secrets/places.ts'
import { logins, misplaced } from './secrets/privacyidea.ts'
import { v1 } from './secrets/v1.ts'
import { Secrets } from './support-secrets.ts'

let bench: Bench
beforeAll(async () => {
  bench = await startBench()
})
afterAll(() => bench?.stop())

test('privacyIDEA: logins in every encoding', () => logins(bench))
test('privacyIDEA: secrets where they do not belong', () => misplaced(bench))
test('LinOTP: logins in every encoding, and secrets where they do not belong', () =>
  linotpLogins(bench))
test('privacyIDEA: administration', () => administration(bench))
test('/v1', () => v1(bench))
test('the operator and the mail page', () => operators(bench))

test('no secret is in the log, the tables, the queue, the files or an answer', async () => {
  const { shapes, secrets, strays, answers } = bench
  expect(shapes.size).toBeGreaterThanOrEqual(75)
  expect(secrets.size).toBeGreaterThanOrEqual(75)
  const written = await places(bench)
  const replies = answers.map(({ headers, text }) => `${JSON.stringify([...headers])}${text}`)
  for (const texts of [...Object.values(written), replies]) expect(texts.length).toBeGreaterThan(0)

  const found = Object.entries(written).flatMap(([place, texts]) =>
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
  const { world, secrets } = bench
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
