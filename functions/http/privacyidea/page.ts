import type { Parameters } from '../parameters.ts'

export type Page<T> = {
  items: T[]
  /** Of all pages. */
  count: number
  /** Numbers of pages, from 1. */
  current: number
  next: number | null
  prev: number | null
  /** Position of the first item among all, from 0. */
  first: number
}

/** The page that `page` and the parameter of the size ask for. */
export function readPage<T>(
  parameters: Parameters,
  all: readonly T[],
  sizeName = 'pagesize',
): Page<T> {
  const size = parameters.integer(sizeName, 1, 1000) ?? 15
  const current = parameters.integer('page', 1, 1_000_000) ?? 1
  const first = (current - 1) * size
  return {
    items: all.slice(first, first + size),
    count: all.length,
    current,
    next: first + size < all.length ? current + 1 : null,
    prev: current > 1 ? current - 1 : null,
    first,
  }
}
