/** Views on dynalite's store that let a front see and hold back what an operation does. */
import type { BatchEntry, Callback, Item, KeySpace, Store } from './dynalite.ts'

/** A view that remembers the item the operation met, which is what its condition judged. */
export function observe(store: Store): { store: Store; met: () => Item | undefined } {
  let met: Item | undefined
  const observed: Store = {
    ...store,
    getItemDb: (table) => {
      const items = store.getItemDb(table)
      const get = (key: string, done: Callback<Item>) =>
        items.get(key, (error, item) => {
          met = item
          done(error, item)
        })
      return { ...items, get }
    },
  }
  return { store: observed, met: () => met }
}

/** Writes held back until all of them can be made at once. */
export class PendingWrites {
  #entries = new Map<string, BatchEntry>()

  /** A view whose reads see the pending writes and whose writes are added to them. */
  over(store: Store): Store {
    return {
      ...store,
      getItemDb: (table) => this.#space(`item-${table}~`, store.getItemDb(table)),
      getIndexDb: (kind, table, index) =>
        this.#space(
          `index-${kind.toLowerCase()}~${table}~${index}~`,
          store.getIndexDb(kind, table, index),
        ),
    }
  }

  /** Makes all writes in one atomic step. */
  async commit(store: Store): Promise<void> {
    await store.db.batch([...this.#entries.values()])
  }

  #space(prefix: string, stored: KeySpace): KeySpace {
    const hold = (entry: BatchEntry, done: Callback<void>) => {
      this.#entries.set(entry.key, entry)
      setImmediate(done, null)
    }
    return {
      get: (key, done) => {
        const pending = this.#entries.get(prefix + key)
        if (!pending) return stored.get(key, done)
        const item = pending.type === 'put' ? structuredClone(pending.value) : undefined
        setImmediate(done, null, item)
      },
      put: (key, item, done) => hold({ type: 'put', key: prefix + key, value: item }, done),
      del: (key, done) => hold({ type: 'del', key: prefix + key }, done),
      // The caller holds the exclusive lock, and two operations on one item are refused before.
      lock: (_key, task) => task((done) => done),
    }
  }
}
