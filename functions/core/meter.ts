import { countingDerivations } from './pin.ts'
import type { Ports } from './ports.ts'

/** What a login request has cost so far, in the steps whose time can be told from outside. */
export type Spent = { derivations: number; reads: number; writes: number; guesses: number }

/** Does a piece of work and counts what it costs, until its end and by what is done with its ports. */
export function metered<T>(
  ports: Ports,
  work: (ports: Ports) => Promise<T>,
): { spent: Spent; result: Promise<T> } {
  const spent: Spent = { derivations: 0, reads: 0, writes: 0, guesses: 0 }
  const { accounts, challenges } = ports
  const counted =
    <A extends unknown[], R>(kind: keyof Spent, call: (...args: A) => R) =>
    (...args: A): R => {
      spent[kind]++
      return call(...args)
    }
  const watched: Ports = {
    ...ports,
    accounts: {
      ...accounts,
      get: counted('reads', accounts.get),
      findSerial: counted('reads', accounts.findSerial),
      save: counted('writes', accounts.save),
      charge: counted('writes', accounts.charge),
    },
    challenges: { ...challenges, guess: counted('guesses', challenges.guess) },
  }
  return { spent, result: countingDerivations(spent, () => work(watched)) }
}
