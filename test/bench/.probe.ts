import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { buildBundles } from './bundles.ts'
import { startProgram } from './child.ts'
import { startCloud } from './cloud.ts'
import { loginBlindly, loginByMail } from './logins.ts'
import { cpuRatio, takeTurns } from './rounds.ts'
const cloud = await startCloud()
const b = buildBundles(mkdtempSync('/tmp/prb-'), true)
await cloud.publish({ 'email.mailfrom': 'otpost@example.org' })
const o = join(import.meta.dirname, 'otpost.ts')
const s = (name: string, file: string, ...args: string[]) => startProgram({ name, file, args, environment: cloud.environment })
const cs = [
  { logins: await s('a', o, b.validate), deliveries: await s('b', o, b.deliver), login: loginByMail(cloud) },
  { logins: await s('c', b.bare), deliveries: await s('d', b.bare), login: loginBlindly },
]
const r = await takeTurns(cloud, cs, { clients: 16, rounds: 12, logins: 300 })
for (const x of r) console.log(x.cpu.map((v) => v.toFixed(1)).join(' '), 'calls', (x.calls.length / x.logins).toFixed(2))
console.log('ratio', cpuRatio(r), r[0].cpu.map((v,i)=>(v/r[1].cpu[i]).toFixed(2)).join(' '))
for (const c of cs) await Promise.all([c.logins.stop(), c.deliveries.stop()])
await cloud.stop()
