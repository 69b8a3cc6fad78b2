import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvRows } from '../../../lib/cli/import/csv.ts'
import { jsonRows } from '../../../lib/cli/import/json.ts'
import type { Row } from '../../../lib/cli/import/row.ts'

async function* pieces(text: string, size: number) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const collected: Row[] = []
  for await (const row of rows) collected.push(row)
  return collected
}
const csv = (text: string, size = text.length) =>
  collect(csvRows(pieces(text, size), (cells) => cells.map((cell) => cell.trim().toLowerCase())))

describe('csvRows', () => {
  it.each([
    ['user,email\na,b\n', 'as it should be'],
    ['user,email\r\na,b', 'with CRLF and no line break at the end'],
    ['\uFEFFuser,email\na,b\n', 'with a byte order mark'],
    ['User ; Email\na;b\n', 'with semicolons'],
    ['user,email\n"a", "b" \n', 'quoted, with spaces around'],
    ['\n\nuser,email\n\na,b\n\n', 'with empty lines'],
  ])('reads %j (%s)', async (text) => {
    const rows = await csv(text)
    expect(rows.map((row) => 'fields' in row && row.fields)).toEqual([{ user: 'a', email: 'b' }])
  })

  it('keeps separators, quotes and line breaks in quotes, and counts lines', async () => {
    expect(await csv('user,email\n"a,""b""\nc",d\ne,f\n')).toEqual([
      { line: 2, fields: { user: 'a,"b"\nc', email: 'd' } },
      { line: 4, fields: { user: 'e', email: 'f' } },
    ])
  })

  it('leaves out empty cells', async () => {
    expect(await csv('user,email\na,\n')).toEqual([{ line: 2, fields: { user: 'a' } }])
  })

  it('reads back whatever was quoted, in pieces of any size', async () => {
    const cell = fc.string({ unit: 'binary-ascii' }).map((text) => text.trim() || 'x')
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell)),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const text = `user,email\n${rows.map((row) => `${row.map(quoted).join(',')}\n`).join('')}`
          const read = await csv(text, size)
          expect(read.map((row) => 'fields' in row && row.fields)).toEqual(
            rows.map(([user, email]) => ({ user, email })),
          )
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('jsonRows', () => {
  it('reads back whatever was written, in pieces of any size', async () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }))
    await fc.assert(
      fc.asyncProperty(objects, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const read = await collect(jsonRows(pieces(JSON.stringify(rows, null, 1), size)))
        expect(read.map((row) => 'fields' in row && row.fields)).toEqual(
          JSON.parse(JSON.stringify(rows)),
        )
      }),
      { numRuns: 100 },
    )
  })
})
