/** Two programs in turns at the same work, so that a busy machine disturbs both alike. */
import { startEventSource } from '../../lib/local/event-source.ts'
import type { Program } from './child.ts'
import type { Call, Cloud } from './cloud.ts'
import { logIn } from './logins.ts'
import { median } from './numbers.ts'

/** As in Lambda, logins and deliveries are processes of their own. */
export type Contender = {
  logins: Program
  deliveries: Program
  /** The code in a mail. */
  read: (mail: string) => string
}

/** What the rounds of one contender came to. */
export type Result = {
  logins: number
  /** Milliseconds of each login, as its client saw it. */
  durations: number[]
  /** CPU milliseconds per login, one number per round. */
  cpu: number[]
  /** Everything it asked of AWS. */
  calls: Call[]
  /** Bytes it logged. */
  logged: number
}

export type RoundsOptions = { clients: number; rounds: number; logins: number }

/** Lets each contender in turn make so many logins per round. */
export async function takeTurns(
  cloud: Cloud,
  contenders: Contender[],
  { clients, rounds, logins }: RoundsOptions,
): Promise<Result[]> {
  const results = contenders.map((): Result => {
    return { logins: 0, durations: [], cpu: [], calls: [], logged: 0 }
  })
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const users = await cloud.enrol('user', logins)
      await takeTurn(cloud, contender, users, clients, results[index]!)
    }
  }
  return results
}

/** How much more CPU the first needs than the second: the median over the rounds. */
export const cpuRatio = ([one, other]: Result[]) =>
  median(one!.cpu.map((cpu, round) => cpu / other!.cpu[round]!))

async function takeTurn(
  cloud: Cloud,
  { logins, deliveries, read }: Contender,
  users: string[],
  clients: number,
  result: Result,
): Promise<void> {
  const programs = [logins, deliveries]
  const carrier = carryTo(cloud, deliveries)
  const before = { cpu: await totalCpu(programs), logged: totalLogged(programs) }
  result.durations.push(...(await logIn(cloud, { url: logins.url, read }, users, clients)))
  result.cpu.push(((await totalCpu(programs)) - before.cpu) / users.length)
  result.logged += totalLogged(programs) - before.logged
  result.logins += users.length
  result.calls.push(...cloud.calls)
  carrier.stop()
}

async function totalCpu(programs: Program[]): Promise<number> {
  const times = await Promise.all(programs.map((program) => program.cpu()))
  return times.reduce((sum, time) => sum + time)
}

const totalLogged = (programs: Program[]) =>
  programs.reduce((sum, program) => sum + program.logged(), 0)

/** The queue's event source, as deployed: one message per event, ten events at a time. */
const carryTo = ({ queue }: Cloud, { url }: Program) =>
  startEventSource({
    queue,
    region: 'us-east-1',
    batchSize: 1,
    concurrency: 10,
    reportsFailures: true,
    async invoke(event) {
      const body = JSON.stringify(event)
      return (await fetch(`${url}/deliver`, { method: 'POST', body })).json()
    },
  })
