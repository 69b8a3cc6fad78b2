import type { JsonSchema, ReplyDoc } from './operation.ts'
import { PROBLEM_TYPE, type ProblemCode, PROBLEMS, problemSchema } from './problem.ts'
import type { ObjectSchema } from './schema.ts'

const LOCATION = {
  description: 'The path of what was made.',
  schema: { type: 'string', format: 'uri-reference' },
}

/** A reply as OpenAPI describes it. */
export function describeReply(status: number, reply: ReplyDoc): JsonSchema {
  const { description, location, schema = problemSchema, example } = reply
  if (status === 204) return { description }
  return {
    description,
    ...(location ? { headers: { Location: LOCATION } } : {}),
    content: status < 400 ? json(schema, example) : problemJson(schema, example ?? first(status)),
  }
}

/** Content of the type JSON. */
export const json = (schema: JsonSchema | ObjectSchema, example: unknown) => ({
  'application/json': { schema, ...(example === undefined ? {} : { example }) },
})

/** Content of the type of problems. */
export const problemJson = (schema: JsonSchema, example: unknown) => ({
  'application/problem+json': { schema, example },
})

/** A problem as it is told. */
export const problemExample = (code: ProblemCode): JsonSchema => ({
  type: PROBLEM_TYPE + code,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
})

const first = (status: number) =>
  problemExample(
    (Object.keys(PROBLEMS) as ProblemCode[]).find((code) => PROBLEMS[code].status === status)!,
  )
