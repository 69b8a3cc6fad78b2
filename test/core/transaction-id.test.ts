import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { newTransactionId } from '../../functions/core/transaction-id.ts'

const many = (count: number) => Array.from({ length: count }, () => newTransactionId(randomBytes))

it('is twenty decimal digits, leading zeros kept', () => {
  const ids = many(500)
  expect(ids.every((id) => /^[0-9]{20}$/.test(id))).toBe(true)
  expect(ids.some((id) => id.startsWith('0'))).toBe(true)
})

it('does not repeat', () => {
  expect(new Set(many(5000)).size).toBe(5000)
})

it('has every digit equally often, in every place', () => {
  const ids = many(20_000)
  for (const place of [0, 7, 19]) {
    const counts = Array<number>(10).fill(0)
    for (const id of ids) counts[Number(id[place])]! += 1
    const expected = ids.length / 10
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // nine degrees of freedom: 45 is exceeded once in 10^6 runs
    expect(chiSquare).toBeLessThan(45)
  }
})

it('passes over bytes that would favour the low digits, and asks for more', () => {
  const asked: number[] = []
  const biased = (length: number) => {
    asked.push(length)
    return new Uint8Array(length).fill(asked.length === 1 ? 250 : 249)
  }
  expect(newTransactionId(biased)).toBe('9'.repeat(20))
  expect(asked).toHaveLength(2)
})

it('fills up with the next bytes when some were passed over', () => {
  const mixed = (length: number) =>
    Uint8Array.from({ length }, (_, index) => (index < 15 ? 255 : 13))
  expect(newTransactionId(mixed)).toBe('3'.repeat(20))
})
