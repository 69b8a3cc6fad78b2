/**
 * The numbers of the design, measured: `npm run bench`, or `npm run bench -- --quick`.
 *
 * CPU time is that of the process that runs the functions; DynamoDB and the stand-ins of AWS run in
 * this one. `--profile <directory>` leaves a CPU profile of both programs there.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinMatcher } from '../../functions/core/pin.ts'
import { buildBundles, type Bundles, loadTimes, sizeOf } from './bundles.ts'
import { startProgram } from './child.ts'
import { type Cloud, startCloud } from './cloud.ts'
import { ASSUMED, bill, isRead, isWrite, PRICES, recordBill } from './cost.ts'
import { codeIn } from './logins.ts'
import { median, quantile } from './numbers.ts'
import { recordCost } from './record-cost.ts'
import { type Contender, cpuRatio, type Result, takeTurns } from './rounds.ts'
import { printTable, type Row } from './table.ts'

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
})
// Before some 1,500 logins the compiler is still at work, and longer on the larger program.
const SCALE = flags.quick
  ? { warmUp: 500, rounds: 3, loads: 9, loginsAlone: 50, loginsTogether: 200 }
  : { warmUp: 2000, rounds: 7, loads: 21, loginsAlone: 100, loginsTogether: 300 }

const directory = mkdtempSync(join(tmpdir(), 'otpost-bench-'))
const cloud = await startCloud()
try {
  const rows: Row[] = []
  const bundles = buildBundles(directory, !flags.profile)
  rows.push(...sizes(bundles), ...coldLoads(bundles), await pinCheck())

  const contenders = await startContenders(bundles, cloud)
  await takeTurns(cloud, contenders, { clients: 16, rounds: 1, logins: SCALE.warmUp })
  const { rounds, loginsAlone, loginsTogether } = SCALE
  const alone = await takeTurns(cloud, contenders, { clients: 1, rounds, logins: loginsAlone })
  const busy = await takeTurns(cloud, contenders, { clients: 16, rounds, logins: loginsTogether })
  for (const { logins, deliveries } of contenders) {
    await Promise.all([logins.stop(), deliveries.stop()])
  }

  rows.push(...comparison('1 client', alone), ...comparison('16 clients', busy))
  rows.push(...(await expenses(alone[0]!)), ...(await behind()))
  printTable(rows)
  console.log('\nAssumed of AWS:', ASSUMED, '\nList prices, US dollars:', PRICES)
} finally {
  await cloud.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function startContenders(bundles: Bundles, cloud: Cloud): Promise<Contender[]> {
  // Without waiting for the mail, so that both make exactly the same calls.
  await cloud.publish({ 'email.mailfrom': 'otpost@example.org', 'email.delivery_wait': '0' })
  const otpost = join(import.meta.dirname, 'otpost.ts')
  const start = (name: string, file: string, ...args: string[]) =>
    startProgram({ name, file, args, environment: cloud.environment, profile: flags.profile })
  return [
    {
      logins: await start('otpost-validate', otpost, bundles.validate),
      deliveries: await start('otpost-deliver', otpost, bundles.deliver),
      read: codeIn,
    },
    {
      logins: await start('bare-logins', bundles.bare),
      deliveries: await start('bare-deliveries', bundles.bare),
      read: () => '000000',
    },
  ]
}

function sizes({ validate, deliver }: Bundles): Row[] {
  const row = (name: string, file: string, goal: number): Row => ({
    what: `bundle of ${name}`,
    measured: sizeOf(file) / 1000,
    unit: 'kB',
    goal,
  })
  return [row('validate', validate, 420), row('deliver', deliver, 700)]
}

function coldLoads({ validate, client, trimmedClient }: Bundles): Row[] {
  const files = [validate, client, trimmedClient]
  const [ours, bare, trimmed] = loadTimes(files, SCALE.loads, cloud.environment)
  return [
    { what: 'load of validate', measured: ours!, unit: 'ms' },
    { what: 'load of the DynamoDB client alone', measured: bare!, unit: 'ms' },
    { what: 'load of that client, trimmed as ours', measured: trimmed!, unit: 'ms' },
    { what: 'load of validate / client', measured: ours! / bare!, unit: '×', goal: 1.15 },
  ]
}

async function pinCheck(): Promise<Row> {
  const stored = {
    salt: Buffer.alloc(16).toString('base64'),
    mac: Buffer.alloc(32).toString('base64'),
  }
  const times: number[] = []
  for (let run = 0; run < 12; run++) {
    const began = process.cpuUsage()
    await pinMatcher(Buffer.alloc(32))('1234', stored)
    const { user, system } = process.cpuUsage(began)
    times.push((user + system) / 1000)
  }
  return { what: 'CPU of one PIN check', measured: median(times), unit: 'ms', goal: 50 }
}

function comparison(how: string, results: Result[]): Row[] {
  const [otpost, bare] = results as [Result, Result]
  const each = (name: string, { durations, cpu, calls, logins }: Result): Row[] => [
    { what: `login, ${how}, ${name}: p50`, measured: median(durations), unit: 'ms' },
    { what: `login, ${how}, ${name}: p99`, measured: quantile(durations, 0.99), unit: 'ms' },
    { what: `login, ${how}, ${name}: CPU`, measured: median(cpu), unit: 'ms' },
    { what: `login, ${how}, ${name}: AWS calls`, measured: calls.length / logins, unit: '' },
  ]
  return [
    ...each('otpost', otpost),
    ...each('bare', bare),
    { what: `login, ${how}: CPU / bare`, measured: cpuRatio(results), unit: '×', goal: 1.3 },
  ]
}

/** The audit and the delivery log, which no login waits for. */
async function behind(): Promise<Row[]> {
  const cost = await recordCost()
  const bills = recordBill(cost)
  return (['most', 'least'] as const).flatMap((how) => {
    const when = how === 'most' ? 'each line by itself' : 'many at once'
    const items = bills[how].map(({ item, dollars }): Row => {
      return {
        what: `1,000 logins' records, ${when}: ${item}`,
        measured: dollars * 1000,
        unit: '$',
      }
    })
    const { writeUnits } = cost[how]
    return [
      { what: `write units of the records, ${when}`, measured: writeUnits, unit: '' },
      ...items,
    ]
  })
}

async function expenses({ calls, logins, cpu, logged }: Result): Promise<Row[]> {
  const unitsOf = (some: typeof calls) => some.reduce((sum, { units }) => sum + units, 0) / logins
  const login = {
    writeUnits: unitsOf(calls.filter(isWrite)),
    readUnits: unitsOf(calls.filter(isRead)),
    cpuMs: median(cpu),
    logBytes: logged / logins,
  }
  const items = await bill(login)
  const thousand = items.map(({ item, dollars }): Row => {
    return { what: `1,000 logins: ${item}`, measured: dollars * 1000, unit: '$' }
  })
  const total = thousand.reduce((sum, { measured }) => sum + measured, 0)
  return [
    { what: 'write units per login', measured: login.writeUnits, unit: '' },
    {
      what: 'read units per login, waiting for the mail apart',
      measured: login.readUnits,
      unit: '',
    },
    { what: 'log per login', measured: login.logBytes / 1000, unit: 'kB', goal: 1.2 },
    ...thousand,
    { what: '1,000 logins beyond the mail', measured: total, unit: '$', goal: 0.008 },
  ]
}
