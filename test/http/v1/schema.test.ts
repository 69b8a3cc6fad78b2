import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedRequestError } from '../../../functions/http/errors.ts'
import { type ObjectSchema, readMembers } from '../../../functions/http/v1/schema.ts'
import { OPERATIONS, validatorAt } from './contract.ts'

const bodies = OPERATIONS.flatMap(({ id, body }) => (body ? [{ id, body }] : []))

/** Requests near the schema: members of it or not, with values that fit or nearly do. */
const requestsFor = ({ properties }: ObjectSchema) => {
  const names = [...Object.keys(properties), 'unknown', '__proto__', 'constructor']
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'alice', 'EM1A2B3C4D', 'a@example.org', 'sha1', 'a\nb', 'x'.repeat(255)),
    fc.integer({ min: 0, max: 20 }).map((length) => '0'.repeat(length)),
    fc.constantFrom(
      'x'.repeat(256),
      'x'.repeat(1025),
      '😀'.repeat(255),
      6,
      10,
      11,
      6.5,
      true,
      null,
    ),
    fc.jsonValue({ maxDepth: 2 }),
  )
  return fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 5 })
}

describe.each(bodies)('the body of $id', ({ body }) => {
  it('is accepted if and only if it fits the published schema', () => {
    const validate = validatorAt('components', 'schemas', body.title!)

    fc.assert(
      fc.property(requestsFor(body), (members) => {
        const values = new Map<string, unknown>(members)
        expect(accepts(body, values)).toBe(validate(asJson(values)))
      }),
      { numRuns: 200 },
    )
  })
})

/** As JSON.parse makes it: `__proto__` is a member like any other. */
const asJson = (values: Map<string, unknown>) =>
  JSON.parse(
    `{${[...values].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`,
  )

function accepts(schema: ObjectSchema, values: Map<string, unknown>): boolean {
  try {
    readMembers(schema, values)
    return true
  } catch (error) {
    if (error instanceof MalformedRequestError) return false
    throw error
  }
}
