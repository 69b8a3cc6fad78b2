/** Compares the tokens after a step with the recorded ones, as far as the wire shows them. */
import { createHmac } from 'node:crypto'
import { httpClient } from '../stack/support-http.ts'
import type { Difference } from './compare.ts'
import type { Mapping } from './mapping.ts'
import type { RecordedToken, Step } from './recording.ts'
import type { Outcome } from './replay.ts'
import { readSetup } from './setup.ts'
import type { World } from './world.ts'

type Listed = {
  serial: string
  tokentype: string
  active: boolean
  revoked: boolean
  failcount: number
  maxfail: number
  otplen: number
  description: string
  count: number
}

/** Follows the failure counters of one scenario. */
export type StateWatch = {
  /** Differences of the tokens after a step; of a step that is meant to differ, none. */
  after(step: Step, outcome: Outcome, deviates: boolean): Promise<Difference[]>
}

/**
 * Tokens that Otpost did not enrol, or not as recorded: hardware, passwords, without an address, and
 * those the reference makes before it knows the address.
 */
const NOT_COMPARED = new Set([
  ...['PIEM000012A4', 'PIEM0000297A', 'PIEM00013D39'],
  ...['HOTP1', 'OATH1', 'lostPIEM0001'],
  ...['PIEMEMPTY', 'PIEMBAD', 'PIEMBADADDR', 'PIEMERIN'],
])

const SAME = ['tokentype', 'maxfail', 'otplen', 'description'] as const

/**
 * What is not compared: `count`, which the reference also moves on each success; a challenge here is
 * bound to its own count, so nobody can tell. Instead, every mailed code must be the HOTP value of
 * its token's count.
 */
export function stateWatch(world: World, mapping: Mapping): StateWatch {
  const api = httpClient(world.stack.api)
  /** Failure counters after the step before; `ahead`: by how much the recorded one had more reason. */
  const last = new Map<string, { recorded: number; running: number; ahead: number }>()

  async function list(): Promise<Listed[]> {
    const headers = { authorization: world.sessions.admin }
    const { json } = await api.get('/token/', { pagesize: '100' }, headers)
    return json?.result?.value?.tokens ?? []
  }

  /**
   * Wrong PINs and unknown transactions count on a throttle of their own (DESIGN §4.5): where the
   * recorded counter moved for one, ours must not.
   */
  function expectedFailcount({ serial, failcount }: RecordedToken, is: number, by: Counting) {
    const before = last.get(serial) ?? { recorded: 0, running: 0, ahead: 0 }
    const reset = failcount === 0 && (before.recorded > 0 || is === 0)
    const ahead = reset ? 0 : before.ahead
    const uncounted = by === 'throttle' || (by === 'untold' && is === before.running)
    const following = uncounted ? before.running : failcount - ahead
    const expected = by === 'free' ? is : following
    last.set(serial, { recorded: failcount, running: is, ahead: failcount - expected })
    return expected
  }

  function compare(recorded: RecordedToken, listed: Listed, by: Counting): Difference[] {
    const pairs: [string, unknown, unknown][] = [
      ...SAME.map((name): [string, unknown, unknown] => [name, recorded[name], listed[name]]),
      ['active', Boolean(recorded.active), listed.active],
      ['revoked', Boolean(recorded.revoked), listed.revoked],
      ['failcount', expectedFailcount(recorded, listed.failcount, by), listed.failcount],
    ]
    return pairs
      .filter(([, was, is]) => was !== is)
      .map(([name, was, is]) => ({
        at: `state.${recorded.serial}.${name}`,
        recorded: was,
        running: is,
      }))
  }

  return {
    async after(step, outcome, deviates) {
      const { tokens } = step.state_after ?? {}
      if (!tokens) return []
      const listed = new Map((await list()).map((token) => [token.serial, token]))
      const by = deviates ? 'free' : countingOf(outcome)
      const there = tokens.filter(({ serial }) => !NOT_COMPARED.has(serial))
      const found = there.flatMap((recorded) => {
        const one = listed.get(mapping.translate(recorded.serial))
        if (one) return compare(recorded, one, by)
        const at = `state.${recorded.serial}`
        return [{ at, recorded: 'is there', running: 'is not' }]
      })
      const odd = strangeCodes(step, outcome, [...listed.values()])
      return deviates ? odd : [...found, ...odd]
    },
  }
}

/**
 * How a step counts failures.
 * - `follow`: as recorded; `throttle`: not on tokens; `free`: meant to be different
 * - `untold`: the answer does not tell which of the first two it is
 */
type Counting = 'follow' | 'throttle' | 'untold' | 'free'

function countingOf({ answer }: Outcome): Counting {
  const { result, detail } = (answer.json ?? {}) as any
  if (!result?.status) return 'untold'
  if (result.authentication !== 'REJECT') return 'follow'
  const message: unknown = detail?.message
  if (message === undefined || message === 'Authentication failed.') return 'untold'
  return message === 'wrong otp pin' ? 'throttle' : 'follow'
}

/** Codes that were mailed and are not the HOTP value of any token's count. */
function strangeCodes({ setup }: Step, { mails }: Outcome, listed: Listed[]): Difference[] {
  const seeds = readSetup(setup).tokens
  const codes = new Set<string>()
  for (const { serial, count, otplen } of listed) {
    const seed = seeds.get(serial)?.otpkey
    // Made by a request, with a seed nobody knows.
    if (seed === undefined) return []
    codes.add(hotp(Buffer.from(String(seed), 'hex'), count, otplen))
  }
  return mails
    .flatMap(({ text }) => text.match(/(?<!\d)\d{6}(?!\d)/g) ?? [])
    .filter((code) => !codes.has(code))
    .map((code) => ({ at: 'mail.code', recorded: [...codes].join(), running: code }))
}

/** RFC 4226 §5.3. */
function hotp(seed: Buffer, count: number, digits: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(count))
  const mac = createHmac('sha1', seed).update(counter).digest()
  const number = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff
  return String(number % 10 ** digits).padStart(digits, '0')
}
