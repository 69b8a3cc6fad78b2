import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { v1Document } from '../../../functions/http/v1/admin-routes.ts'
import { createApi } from './api.ts'
import { document, OPERATIONS, validatorAt, wireOf } from './contract.ts'

type Operation = { operationId: string; requestBody?: object; responses: Record<string, object> }

const described = Object.entries<Record<string, Operation>>(document.paths).flatMap(
  ([path, verbs]) => Object.entries(verbs).map(([verb, operation]) => ({ path, verb, operation })),
)

describe('the document', () => {
  it('is the one that was committed; if not: node bin/node24.mjs bin/openapi.ts', async () => {
    const committed = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8')

    expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(v1Document())))
  })

  it('is served', async () => {
    const { json } = await createApi().admin('/v1/openapi.json')

    expect(json).toEqual(JSON.parse(JSON.stringify(v1Document())))
  })

  it('has each operation once, and no other', () => {
    const served = OPERATIONS.map(({ id }) => id)

    expect(described.map(({ operation }) => operation.operationId).toSorted()).toEqual(
      served.toSorted(),
    )
    expect(new Set(served).size).toBe(served.length)
  })

  it('refers only to components there are', () => {
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)

    for (const [, pointer] of references) {
      const target = pointer!.split('/').reduce((part, step) => part?.[step], document)
      expect(target, pointer).toBeDefined()
    }
  })
})

describe.each(described)('$operation.operationId', ({ path, verb, operation }) => {
  it('names every part of its path', () => {
    const named = (operation as { parameters?: { in: string; name: string }[] }).parameters
      ?.filter((parameter) => parameter.in === 'path')
      .map(({ name }) => `{${name}}`)

    expect(path.match(/\{\w+\}/g) ?? []).toEqual(named)
  })

  it('is routed', async () => {
    const api = createApi()
    const concrete = path.replaceAll(/\{\w+\}/g, '0'.repeat(20))
    const wire = api[wireOf(path)]

    expect((await wire(concrete, { method: verb.toUpperCase() })).status).not.toBe(405)
  })

  it('has examples that fit', () => {
    const pointers = examples({
      requestBody: operation.requestBody,
      responses: operation.responses,
    })

    for (const { pointer, example } of pointers) {
      const validate = validatorAt('paths', path, verb, ...pointer, 'schema')
      expect(validate(example), JSON.stringify(validate.errors)).toBe(true)
    }
  })
})

/** Every example below a part of the document, with where its media type is. */
function examples(part: object, pointer: string[] = []): { pointer: string[]; example: unknown }[] {
  return Object.entries(part).flatMap(([name, member]) => {
    if (name === 'example') return [{ pointer, example: member }]
    return member !== null && typeof member === 'object' ? examples(member, [...pointer, name]) : []
  })
}

it('describes every operation in words', () => {
  for (const { id, summary, tag } of OPERATIONS) {
    expect(summary, id).toMatch(/^[A-Z]/)
    expect(document.tags.map(({ name }: { name: string }) => name)).toContain(tag)
  }
})
