/** What keeps the time an answer takes from telling why it is a refusal. */
import { newAccount, ownerlessKey } from './account.ts'
import { metered, type Spent } from './meter.ts'
import type { Outcome } from './outcome.ts'
import { mostParts } from './pin-and-code.ts'
import { burnPin } from './pin.ts'
import type { Ports } from './ports.ts'

/** What a request says: all that the cost of its refusal may depend on. */
export type Said = {
  typed: string
  /** Names a token, and a user besides. */
  serial?: string | undefined
  user?: string | undefined
  /** Whether a code may stand behind the PIN. @default true */
  combined?: boolean
}

const NOTHING: Spent = { derivations: 0, reads: 0, writes: 0, guesses: 0 }

/**
 * Decides on a request. Where the profile is `hardened`, every refusal of it then costs what the
 * refusal of a wrong PIN costs: derivations, reads and writes that were not made are made up for.
 */
export async function evenly<T extends Outcome>(
  ports: Ports,
  said: Said,
  decide: (ports: Ports) => Promise<T>,
): Promise<T> {
  if ((await ports.settings.current()).profile !== 'hardened') return decide(ports)
  const { spent, result } = metered(ports, decide)
  const outcome = await result
  if (outcome.outcome === 'rejected') await makeUp(ports, said, spent)
  return outcome
}

/** As {@link evenly}, for a refusal before anything was looked at. */
export async function evenOut(ports: Ports, said: Said): Promise<void> {
  if ((await ports.settings.current()).profile === 'hardened') await makeUp(ports, said, NOTHING)
}

async function makeUp(ports: Ports, said: Said, spent: Spent): Promise<void> {
  const due = await costOf(ports, said)
  const key = await ports.keyring.key('pin')
  const steps: Record<keyof Spent, () => Promise<unknown>> = {
    derivations: () => burnPin(key, said.typed),
    reads: () => ports.accounts.get(NOBODY.key),
    writes: () => ports.accounts.save(NOBODY, NOBODY),
    guesses: () => ports.challenges.guess(noGuess(ports.now())),
  }
  for (const [kind, step] of Object.entries(steps) as [keyof Spent, () => Promise<unknown>][]) {
    for (let made = spent[kind]; made < due[kind]; made++) await step()
  }
}

/**
 * What it costs at most to look at a wrong PIN, or at a wrong code behind the right one. It depends on
 * what was typed and on no account: codes may be of any length, of old tokens and by policies.
 */
async function costOf(ports: Ports, { typed, serial, user, combined = true }: Said) {
  const settings = await ports.settings.current()
  const parts = combined ? mostParts(typed, settings.PrependPin) : 0
  const coded = parts > 0
  return {
    derivations: 1 + parts,
    reads: serial ? (user ? 3 : 2) : 1,
    writes: coded ? 2 : 1,
    guesses: coded ? 1 : 0,
  }
}

/** No account has this key or a revision below 0: what is written to it is refused by its condition. */
const NOBODY = { ...newAccount(ownerlessKey(''), ''), rev: -1 }

const noGuess = (now: number) => ({
  transactionId: '-',
  serial: '-',
  guessMac: '-',
  seal: '-',
  nonce: '-',
  now,
})
