import fc from 'fast-check'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { MemberSchema, ObjectSchema } from '../../../functions/http/v1/schema.ts'
import { addAlice, type Api, createApi, selfSession, signedIn } from './api.ts'
import { OPERATIONS, wireOf } from './contract.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

const RUNS = 200

const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '../..', '\0', '', "' or 1=1", '${otp}', '\ud800'),
  fc.constantFrom('a@x.example\r\nBcc: b@x.example', 'x'.repeat(5000), '😀'.repeat(300)),
)
const hostileValue = fc.oneof(hostileText, fc.jsonValue(), fc.boolean(), fc.double())

/** What names somebody or something in the world of these tests, mostly, and what nearly does. */
const KNOWN: Record<string, string[]> = {
  user: ['alice', 'alice', 'alice', 'alice@demo', 'ALICE', 'nobody', 'a/b', 'ü', '😀'.repeat(255)],
  realm: ['demo', 'demo', 'DEMO', 'nowhere'],
  serial: ['EM1', 'EM1', 'em1', 'EM9'],
  provider: ['office', 'office', 'nope', 'x.password', 'ü'],
  template: ['login', 'login', 'login.eml', 'nope', 'ü'],
  source: ['Subject: Code\nContent-Type: text/plain\n\n${otp}\n', 'Subject: Code', '${otp}'],
  config: ['{"server": "x.example"}', '{}', "{'a'}", '{"SMTP_SERVER": "x"}'],
  transaction_id: ['0'.repeat(20), '1'.repeat(20)],
  username: ['root', '__proto__'],
  cursor: ['YQ', 'AA', '_-_-'],
  email: ['a@example.org', 'ü@bücher.example', ''],
}

/** A value that mostly fits. */
function valueOf(name: string, schema: MemberSchema): fc.Arbitrary<unknown> {
  const hostile = { weight: 1, arbitrary: hostileValue }
  if (schema.type === 'boolean') return fc.oneof({ weight: 9, arbitrary: fc.boolean() }, hostile)
  if (schema.type === 'integer') {
    const { minimum: min, maximum: max } = schema
    return fc.oneof({ weight: 9, arbitrary: fc.integer({ min, max }) }, hostile)
  }
  const known = fc.constantFrom(...(schema.enum ?? KNOWN[name] ?? ['', '1234', '123456']))
  const free = fc.string({ unit: 'grapheme', maxLength: 40 })
  return fc.oneof({ weight: 12, arbitrary: known }, { weight: 2, arbitrary: free }, hostile)
}

const membersOf = ({ properties, required = [] }: ObjectSchema) =>
  fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, valueOf(name, schema)]),
    ),
    { requiredKeys: [...required] },
  )

/** JSON that mostly fits, JSON with one member that does not belong, and no JSON at all. */
function bodyOf(schema: ObjectSchema): fc.Arbitrary<string> {
  const fitting = membersOf(schema).map((members) => JSON.stringify(members))
  const more = fc
    .tuple(membersOf(schema), hostileText, hostileValue)
    .map(([members, name, value]) => JSON.stringify({ ...members, [name]: value }))
  return fc.oneof(
    { weight: 8, arbitrary: fitting },
    { weight: 1, arbitrary: more },
    { weight: 1, arbitrary: fc.oneof(fc.json(), hostileText) },
  )
}

function queryOf(schema: ObjectSchema): fc.Arbitrary<string> {
  const fitting = membersOf(schema).map((members) =>
    Object.entries(members)
      .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])
      .map(([name, text]) => `${name}=${encodeURIComponent(text!.toWellFormed())}`)
      .join('&'),
  )
  const broken = fc.constantFrom('%', '%zz=%', 'serial[]=EM1', 'user=alice&user=alice', '&&=&')
  return fc.oneof({ weight: 9, arbitrary: fitting }, { weight: 1, arbitrary: broken })
}

function pathOf(pattern: string): fc.Arbitrary<string> {
  const segments = pattern.split('/').map((segment): fc.Arbitrary<string> => {
    if (!segment.startsWith('{')) return fc.constant(segment)
    const known = fc.constantFrom(...KNOWN[segment.slice(1, -1)]!)
    const hostile = hostileText.map((text) => encodeURIComponent(text.toWellFormed()))
    return fc.oneof(
      { weight: 8, arbitrary: known.map(encodeURIComponent) },
      { weight: 1, arbitrary: fc.oneof(hostile, fc.constantFrom('%zz', '..', '%2F', '')) },
    )
  })
  return fc.tuple(...segments).map((parts) => parts.join('/'))
}

const type = fc.oneof(
  { weight: 19, arbitrary: fc.constant('application/json') },
  { weight: 1, arbitrary: fc.constantFrom('text/plain', 'multipart/form-data', '', ';;') },
)

describe.each(OPERATIONS)('$id', ({ method, path, body, query }) => {
  let api: Api
  let headers: Record<string, string>

  beforeAll(async () => {
    api = createApi({ settings: { 'mail.per_hour': '0', 'mail.per_day': '0' } })
    await addAlice(api.world, 'EM1')
    headers = wireOf(path) === 'self' ? await selfSession(api) : await signedIn(api)
  })

  it('answers anything as documented, and never by a fault', async () => {
    const wire = api[wireOf(path)]
    const requests = fc.record({
      asked: pathOf(path),
      query: query ? queryOf(query) : fc.constant(''),
      body: body ? bodyOf(body) : fc.constant(undefined),
      type,
    })

    await fc.assert(
      fc.asyncProperty(requests, async ({ asked, type, ...sent }) => {
        // The wire of these tests throws for an answer that is not documented.
        const answer = await wire(asked, {
          method,
          ...sent,
          headers: { ...headers, 'content-type': type },
        })
        expect(answer.status).toBeLessThan(500)
      }),
      { numRuns: RUNS },
    )
    expect(api.lines.filter(({ message }) => message === 'request failed')).toEqual([])
  })
})
